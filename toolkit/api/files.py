"""Files in and out of the API: a table as the body or as a part of a form, and as an answer."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.utils.mediatypes import _MediaType

from toolkit.api.parsers import BodyTooLarge
from toolkit.api.renderers import OrjsonRenderer
from toolkit.tables import MOST_BYTES, TableFile

ROOM_FOR_THE_FORM = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CsvBodyParser(BaseParser):
    """Take the body as a file; ``Content-Disposition`` may name it."""

    media_type = "text/csv"
    file_name = "table.csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, SimpleUploadedFile]:
        """Return the file under the name that a form would give it."""
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise BodyTooLarge
        assert parser_context is not None
        disposition = parser_context["request"].headers.get("Content-Disposition", "")
        named = _MediaType(disposition).params.get("filename", "")
        return {"file": SimpleUploadedFile(named or self.file_name, body)}


class XlsxBodyParser(CsvBodyParser):
    """Take the body as a workbook."""

    media_type = XLSX
    file_name = "table.xlsx"


class FilePartParser(MultiPartParser):
    """Take a form with a file of the size that a table may have."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parts of the form."""
        assert parser_context is not None
        length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if int(length) > MOST_BYTES + ROOM_FOR_THE_FORM:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)


def file_response(file: TableFile) -> HttpResponse:
    """Return a file to be kept, not shown."""
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": content_disposition_header(True, file.name)},
    )


class CsvRenderer(OrjsonRenderer):
    """Lets a client ask for CSV; the view answers with it, and what is refused is still JSON."""

    media_type = "text/csv"
    format = "csv"


class XlsxRenderer(OrjsonRenderer):
    """Lets a client ask for a workbook; the view answers with it."""

    media_type = XLSX
    format = "xlsx"
