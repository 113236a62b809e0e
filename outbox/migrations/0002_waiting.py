"""What is waiting, before any organization is known: who has it, and since when; never what."""

from django.db import migrations

from tenants.roles import app_role

ORGANIZATIONS_WITH_LETTERS_DUE = """
CREATE FUNCTION organizations_with_letters_due()
RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT DISTINCT letter.organization_id FROM outbox_letter letter
    WHERE letter.sent_at IS NULL AND letter.parked_at IS NULL
      AND letter.due_at <= clock_timestamp()
      AND (letter.leased_until IS NULL OR letter.leased_until < clock_timestamp())
$$
"""

OLDEST_LETTER_WAITING_SECONDS = """
CREATE FUNCTION oldest_letter_waiting_seconds()
RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(letter.created_at)), 0)
    FROM outbox_letter letter
    WHERE letter.sent_at IS NULL AND letter.parked_at IS NULL
$$
"""

FUNCTIONS = {
    "organizations_with_letters_due()": ORGANIZATIONS_WITH_LETTERS_DUE,
    "oldest_letter_waiting_seconds()": OLDEST_LETTER_WAITING_SECONDS,
}


def for_app_only(signature: str) -> str:
    """Return the grants of a function that runs with the owner's rights."""
    return (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;"
        f'GRANT EXECUTE ON FUNCTION {signature} TO "{app_role()}"'
    )


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL([definition], f"DROP FUNCTION {signature}")
            for signature, definition in FUNCTIONS.items()
        ),
        *(
            migrations.RunSQL(for_app_only(signature), migrations.RunSQL.noop)
            for signature in FUNCTIONS
        ),
    ]
