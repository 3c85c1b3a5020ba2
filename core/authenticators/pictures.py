"""QR codes in pictures, with the libraries of the optional extra `qr`."""

import io
import warnings

from core.errors import InvalidRequestError

_MAGICS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
MOST_PIXELS = 50_000_000
"""More than phones' cameras make by default: what is opened must not fill the memory."""
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def is_picture(data: bytes) -> bool:
    """Whether the bytes begin like a picture."""
    return data.startswith(_MAGICS)


def read_codes(data: bytes) -> list[str]:
    """The texts of the QR codes in a picture; raises InvalidRequestError."""
    try:
        import zxingcpp  # noqa: PLC0415 - an optional extra
        from PIL import Image  # noqa: PLC0415 - the same
    except ImportError as error:
        raise InvalidRequestError(
            "reading pictures needs two more libraries: pip install 'otpgate[qr]'"
        ) from error
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            _check_size(picture.width * picture.height)
            grey = picture.convert("L")
    except Exception as error:  # Pillow raises whatever its decoders do
        raise InvalidRequestError("the picture cannot be read: save it as a smaller PNG or JPEG") from error
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    if not found:
        raise InvalidRequestError("there is no QR code to be seen in the picture")
    return [code.text for code in found]


def _check_size(pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise ValueError("too large")
