"""What is open while a page is read: its elements, and its anchors."""

from core.markup.looks import Light, Look, Shape


class Anchor:
    """An `<a href>`: where its label stands, and whether anything of it is seen."""

    __slots__ = ("end", "href", "seen", "start")

    def __init__(self, href: str) -> None:
        self.href = href
        self.start = self.end = -1
        self.seen = False

    def show(self, at: int) -> None:
        """Something of its label is seen there."""
        self.seen = True
        if self.start < 0:
            self.start = at


class Frame:
    """An open element: its tag, its look, the light inside it, and how its cells lie."""

    __slots__ = ("anchor", "beside", "beside_last", "is_quiet", "light", "line", "look", "shape", "tag")

    def __init__(self, tag: str, look: Look, light: Light) -> None:
        self.tag = tag
        self.look = look
        self.light = light
        self.shape: Shape = look.shape
        self.anchor: Anchor | None = None
        self.beside: bool | None = None
        """Whether the last cell in it had one line only; None where there was none, or a block came after it."""
        self.beside_last = False
        """It is a cell on the line of the cell before it."""
        self.is_quiet = False
        """The text in it goes on with the text around it."""
        self.line = 0
        """The number of the line on which a cell's text starts."""
