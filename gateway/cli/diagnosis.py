"""The API's diagnosis, one of CONTRACT's words, as a sentence that says what to do."""

_SENTENCES = {
    "nothing_arrived": "nothing arrived for {identifier}, nor for anyone else; check that the site sent it and "
    "that its mail or SMS is forwarded to this gateway",
    "arrived_without_code": "a message for {identifier} arrived, but it holds no code or link of the kind "
    "asked for; `otpgate parse FILE --explain` shows what is seen in a mail",
    "other_identifier": "nothing arrived for {identifier}, but something did for {particulars}",
    "before_cursor": "what there is for {identifier} came before the moment asked about; take the cursor before "
    "asking the site for a code, and give it with --after",
    "claimed_by_another_run": "a code for {identifier} arrived, but another run has it; ask for a new one",
    "filtered": "a code for {identifier} arrived, but it was held back {particulars}",
    "expired": "a code for {identifier} arrived, but it has expired; ask the site for a new one",
}
_PARTICULARS = {
    "other_identifier": "an identifier that this key may not see",
    "filtered": "by sender, link host or trust",
}


def explain(diagnosis: str, identifier: str) -> str:
    """The word itself, a colon, and what it means for a person waiting for that identifier's code."""
    word, _, particulars = diagnosis.partition(": ")
    sentence = _SENTENCES.get(word)
    if sentence is None:
        return diagnosis or "nothing_arrived"
    if word == "nothing_arrived" and particulars:
        return diagnosis
    if particulars and "{particulars}" not in sentence:
        sentence += " ({particulars})"
    filled = sentence.format(identifier=identifier, particulars=particulars or _PARTICULARS.get(word, ""))
    return f"{word}: {filled}"
