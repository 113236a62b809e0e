"""The database roles as SQL: ``owner`` migrates and owns the tables, ``app`` only serves.

A third, ``backup``, may be made on a server of your own: it reads past row security.

No framework here: the embedded servers and ``manage.py setup_database`` run the same statements.
"""


def identifier(name: str) -> str:
    """Quote a name for SQL.

    :raises ValueError: if the name holds a NUL, which PostgreSQL cannot store.
    """
    return '"' + _without_nul(name).replace('"', '""') + '"'


def literal(value: str) -> str:
    """Quote a string for SQL, whatever ``standard_conforming_strings`` says.

    :raises ValueError: if the string holds a NUL, which PostgreSQL cannot store.
    """
    quoted = "'" + _without_nul(value).replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted


def role_statements(
    owner: str, owner_password: str, app: str, app_password: str, database: str
) -> list[str]:
    """Return what makes both roles and their rights; safe to run again.

    A superuser runs the statements in this order, connected to ``database``.
    """
    return [
        _create_role(owner),
        f"ALTER ROLE {identifier(owner)} LOGIN CREATEDB"
        f" NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {literal(owner_password)}",
        _create_role(app),
        f"ALTER ROLE {identifier(app)} LOGIN NOCREATEDB"
        f" NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {literal(app_password)}",
        f"ALTER DATABASE {identifier(database)} OWNER TO {identifier(owner)}",
        *grant_statements(owner, app, database),
    ]


def grant_statements(owner: str, app: str, database: str) -> list[str]:
    """Return what ``app`` may do in one database; safe to run again.

    The database's owner may run them, connected to ``database``. Tables and sequences that
    ``owner`` makes later are served by ``app`` at once; existing ones keep the rights they have.
    """
    to_app = f"TO {identifier(app)}"
    by_owner = f"ALTER DEFAULT PRIVILEGES FOR ROLE {identifier(owner)} IN SCHEMA public"
    return [
        f"REVOKE ALL ON DATABASE {identifier(database)} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {identifier(database)} {to_app}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public {to_app}",
        f"{by_owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES {to_app}",
        f"{by_owner} GRANT USAGE, SELECT ON SEQUENCES {to_app}",
    ]


def backup_statements(backup: str, password: str, database: str) -> list[str]:
    """Return what makes the role that ``pg_dump`` runs as; safe to run again.

    It reads every row of every organization, past row security, and writes nothing. A superuser
    runs the statements.
    """
    role = identifier(backup)
    return [
        _create_role(backup),
        f"ALTER ROLE {role} LOGIN BYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        f" PASSWORD {literal(password)}",
        f"ALTER ROLE {role} SET default_transaction_read_only = on",
        f"GRANT CONNECT ON DATABASE {identifier(database)} TO {role}",
        f"GRANT pg_read_all_data TO {role}",
    ]


def _create_role(name: str) -> str:
    body = f"BEGIN CREATE ROLE {identifier(name)}; EXCEPTION WHEN duplicate_object THEN NULL; END"
    return f"DO {literal(body)}"


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("PostgreSQL cannot store a NUL character.")
    return text
