"""How a sentence says of a candidate that it is a code: by the words behind it, or in the subject."""

from core.extract.view import CODE, Feature, has

FEATURES: tuple[Feature, ...] = (
    Feature(
        "opens its sentence, in which a code word follows",
        lambda v: "opens its sentence" in v.marks and has(v.sight.after, CODE),
    ),
    Feature(
        "said to be a code by what follows",
        lambda v: has(v.sight.after, CODE) and ("a dash follows" in v.marks or "is" in v.sight.close_after),
    ),
    Feature("in the subject, beside a code word", lambda v: "subject" in v.marks and has(v.sight.sentence, CODE)),
)
"""Of a candidate code."""
