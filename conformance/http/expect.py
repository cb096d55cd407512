"""What tests say of answers again and again."""

from conformance.http.answers import Answer


def refused(answer: Answer, *fields: str) -> bool:
    """Check that just these fields were found bad, each named once; true, so that it reads well after `assert`."""
    assert failed(answer, 400, "validation_failed")
    assert answer.bad_fields == sorted(fields)
    return True


def failed(answer: Answer, status: int, code: str) -> bool:
    """Check which error it is; true, likewise."""
    assert answer.status == status
    assert answer.code == code
    return True
