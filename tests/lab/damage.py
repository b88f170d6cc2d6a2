"""What a reader may do with a damaged file: read it, or refuse it in one clear line."""

from pathlib import Path

from peqled.lab import LabFileError, Measurement, Reader


def read_or_refuse(reader: Reader, path: Path) -> str:
    """Read a damaged file; the refusal, or "" where something was read. Any other outcome fails the test."""
    try:
        found = reader.read(path)
    except LabFileError as error:
        text = str(error)
        assert text.strip(), "a refusal says why"
        assert "\n" not in text, text
        assert path.name in text, text
        return text
    assert all(isinstance(each, Measurement) for each in found)
    return ""
