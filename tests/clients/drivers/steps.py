"""The steps of the matrix for Python's clients: steps.py client host port prints a line for each step."""
import asyncio
import datetime as dt
import decimal
import io
import sys
import threading

client, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
NAMES = ["connect", "types", "null", "chinese", "mebibyte", "parameters", "prepared", "insert", "cursor", "batch", "error", "transaction", "cancel", "copy in", "copy out", "pool", "time zone", "catalog", "empty"]
TYPES = """SELECT 1::smallint, 2::int, 3::bigint, 1.50::decimal(10,2), 2.5::double, true, 'x', DATE '2026-01-02',
 TIMESTAMP '2026-01-02 03:04:05.678', CAST(X'00ff' AS BINARY), ARRAY[1, 2]"""
WANT = [1, 2, 3, decimal.Decimal("1.50"), 2.5, True, "x", dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5, 678000), b"\x00\xff", [1, 2]]
LARGE = "流" * (1 << 18) + "x" * (1 << 18)
FOREVER = "SELECT * FROM %s_silent EMIT CHANGES" % client
STREAM = client + "_rows"


class No(Exception):
    """A step that the client has nothing for, and why."""


def same(got, want):
    if got != want:
        raise AssertionError("%r, want %r" % (got, want))


def plain(values):
    return [bytes(v) if isinstance(v, memoryview) else v for v in values]


def declare(run):
    for s in ("rows", "silent"):
        run("CREATE STREAM %s_%s (id BIGINT, s STRING) TBLPROPERTIES (\"topic\"=\"%s_%s\", \"format\"=\"json\", \"topic.create\"=\"true\", \"topic.partitions\"=\"1\")" % (client, s, client, s))


def until_ended(cancel, ended):
    """A cancel that comes before its statement does nothing: it is sent until the statement ends."""
    while not ended.is_set():
        cancel()
        ended.wait(0.02)


class Psycopg2:
    def open(self):
        import psycopg2
        self.module = psycopg2
        c = psycopg2.connect(host=host, port=port, user="matrix", dbname="default")
        c.autocommit = True
        return c

    def connect(self):
        self.c = self.open()
        same(self.row("SELECT 41 + 1"), [42])
        declare(self.run)

    def run(self, text, args=None):
        with self.c.cursor() as k:
            k.execute(text, args)

    def row(self, text, args=None, connection=None):
        with (connection or self.c).cursor() as k:
            k.execute(text, args)
            return plain(k.fetchone())

    def types(self):
        same(self.row(TYPES), WANT)

    def null(self):
        same(self.row("SELECT NULL, %s::int", [None]), [None, None])

    def chinese(self):
        same(self.row("SELECT %s || '处理'", ["流"]), ["流处理"])

    def mebibyte(self):
        raise No("values stand in the text of a statement, which has 1 MB at most outside of INSERT … VALUES")

    def parameters(self):
        same(self.row("SELECT %s + 1, %s::text, %s::decimal(10,2), %s::boolean, %s::date", [1, "it's", decimal.Decimal("1.50"), True, dt.date(2026, 1, 2)]),
             [2, "it's", decimal.Decimal("1.50"), True, dt.date(2026, 1, 2)])

    def prepared(self):
        self.run("PREPARE p AS SELECT $1::int + 1")
        for i in range(10):
            same(self.row("EXECUTE p(%s)", [i]), [i + 1])

    def insert(self):
        self.run("INSERT INTO " + STREAM + " VALUES (%s, %s)", [1, "a"])
        same(self.row("SELECT id, s FROM " + STREAM + " WHERE id = %s", [1]), [1, "a"])

    def cursor(self):
        self.c.autocommit = False
        with self.c.cursor("named") as k:
            k.itersize = 3
            k.execute("SELECT n FROM generate_series(1, 10) AS t (n)")
            same([r[0] for r in k], list(range(1, 11)))
        self.c.rollback()
        self.c.autocommit = True

    def batch(self):
        with self.c.cursor() as k:
            k.execute("SELECT 1; SELECT 2")
            same(k.fetchall(), [(2,)])

    def error(self):
        try:
            self.run("SELECT 1, nope FROM " + STREAM)
        except self.module.Error as e:
            same([e.diag.sqlstate, e.diag.statement_position], ["42703", "11"])
        same(self.row("SELECT 1"), [1])

    def transaction(self):
        self.c.autocommit = False
        states = []
        for text in ("SELECT nope", "SELECT 1"):
            try:
                self.run(text)
            except self.module.Error as e:
                states.append(e.diag.sqlstate)
        self.c.rollback()
        self.c.autocommit = True
        same(states, ["42703", "25P02"])
        same(self.row("SELECT 1"), [1])

    def cancel(self):
        ended = threading.Event()
        t = threading.Thread(target=until_ended, args=(self.c.cancel, ended))
        t.start()
        try:
            self.run(FOREVER)
        except self.module.Error as e:
            ended.set()
            t.join()
            same(e.diag.sqlstate, "57014")
            return
        raise AssertionError("it was not cancelled")

    def copy_in(self):
        with self.c.cursor() as k:
            k.copy_expert("COPY " + STREAM + " FROM STDIN", io.StringIO("7\tcopied\n8\t\\N\n"))
        same(self.row("SELECT count(*), max(s) FROM " + STREAM + " WHERE id IN (7, 8)"), [2, "copied"])

    def copy_out(self):
        out = io.StringIO()
        with self.c.cursor() as k:
            k.copy_expert("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT", out)
        same(out.getvalue(), "1\ta\n2\t\\N\n")

    def pool(self):
        from psycopg2.pool import ThreadedConnectionPool
        p = ThreadedConnectionPool(4, 4, host=host, port=port, user="matrix", dbname="default")
        taken = [p.getconn() for _ in range(4)]
        same([self.row("SELECT %s", [i], c) for i, c in enumerate(taken)], [[0], [1], [2], [3]])
        p.closeall()

    def time_zone(self):
        self.run("SET TIME ZONE 'Asia/Shanghai'")
        got = self.row("SELECT TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC'")[0]
        same(got.isoformat(), "2026-01-01T08:00:00+08:00")

    def catalog(self):
        same(self.row("SELECT string_agg(attname || ':' || atttypid::regtype, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0" % STREAM), ["id:bigint s:text"])

    def empty(self):
        with self.c.cursor() as k:
            try:
                k.execute("-- ping")
            except self.module.ProgrammingError as e:
                if "empty query" not in str(e):
                    raise


class Psycopg(Psycopg2):
    def mebibyte(self):
        same(self.row("SELECT %s::text", [LARGE]), [LARGE])
    def open(self):
        import psycopg
        self.module = psycopg
        return psycopg.connect(host=host, port=port, user="matrix", dbname="default", autocommit=True)

    def prepared(self):
        for i in range(10):
            same(self.c.execute("SELECT %s::int + 1", [i], prepare=True, binary=True).fetchone(), (i + 1,))

    def types(self):
        super().types()
        same(plain(self.c.execute(TYPES, binary=True).fetchone()), WANT)

    def parameters(self):
        super().parameters()
        same(self.c.execute("SELECT %b::bigint, %b::text, %b::decimal(10,2), %b::date, %b = ANY(%b::bigint[])", [1, "x", decimal.Decimal("1.50"), dt.date(2026, 1, 2), 2, [1, 2]]).fetchone(),
             (1, "x", decimal.Decimal("1.50"), dt.date(2026, 1, 2), True))

    def batch(self):
        with self.c.pipeline():
            got = [self.c.execute("SELECT %s::int", [i]) for i in range(5)]
            same([g.fetchone()[0] for g in got], [0, 1, 2, 3, 4])

    def copy_in(self):
        with self.c.cursor() as k:
            with k.copy("COPY " + STREAM + " (id, s) FROM STDIN") as copy:
                copy.write_row((7, "copied"))
            with k.copy("COPY " + STREAM + " (id, s) FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int8", "text"])
                copy.write_row((8, None))
        same(self.row("SELECT count(*), max(s) FROM " + STREAM + " WHERE id IN (7, 8)"), [2, "copied"])

    def copy_out(self):
        with self.c.cursor() as k:
            with k.copy("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT") as copy:
                same(list(copy.rows()), [("1", "a"), ("2", None)])
            with k.copy("COPY (VALUES (1::int, 'a')) TO STDOUT (FORMAT binary)") as copy:
                copy.set_types(["int4", "text"])
                same(list(copy.rows()), [(1, "a")])

    def pool(self):
        taken = [self.open() for _ in range(4)]
        same([self.row("SELECT %s::int", [i], c) for i, c in enumerate(taken)], [[0], [1], [2], [3]])
        for c in taken:
            c.close()


class Asyncpg:
    def __init__(self):
        self.loop = asyncio.new_event_loop()

    def wait(self, what):
        return self.loop.run_until_complete(what)

    def row(self, text, *args):
        return list(self.wait(self.c.fetchrow(text, *args)))

    def run(self, text, *args):
        return self.wait(self.c.execute(text, *args))

    def connect(self):
        import asyncpg
        self.module = asyncpg
        self.c = self.wait(asyncpg.connect(host=host, port=port, user="matrix", database="default"))
        same(self.row("SELECT 41 + 1"), [42])
        declare(self.run)

    def types(self):
        same(self.row(TYPES), WANT)

    def null(self):
        same(self.row("SELECT NULL, $1::int", None), [None, None])

    def chinese(self):
        same(self.row("SELECT $1 || '处理'", "流"), ["流处理"])

    def mebibyte(self):
        same(self.row("SELECT $1::text", LARGE), [LARGE])

    def parameters(self):
        same(self.row("SELECT $1::int + 1, $2::text, $3::boolean, $4::date, $5::bigint = ANY($6::bigint[])", 1, "it's", True, dt.date(2026, 1, 2), 2, [1, 2]), [2, "it's", True, dt.date(2026, 1, 2), True])

    def prepared(self):
        p = self.wait(self.c.prepare("SELECT $1::int + 1"))
        for i in range(10):
            same(self.wait(p.fetchval(i)), i + 1)

    def insert(self):
        self.run("INSERT INTO " + STREAM + " VALUES ($1, $2)", 1, "a")
        same(self.row("SELECT id, s FROM " + STREAM + " WHERE id = $1", 1), [1, "a"])

    def cursor(self):
        async def read():
            async with self.c.transaction():
                return [r[0] async for r in self.c.cursor("SELECT n FROM generate_series(1, 10) AS t (n)", prefetch=3)]
        same(self.wait(read()), list(range(1, 11)))

    def batch(self):
        self.wait(self.c.executemany("INSERT INTO " + STREAM + " VALUES ($1, $2)", [(100, "x"), (101, "y")]))
        same(self.row("SELECT count(*) FROM " + STREAM + " WHERE id IN (100, 101)"), [2])

    def error(self):
        try:
            self.row("SELECT 1, nope FROM " + STREAM)
        except self.module.PostgresError as e:
            same([e.sqlstate, e.position], ["42703", "11"])
        same(self.row("SELECT 1"), [1])

    def transaction(self):
        t = self.c.transaction()
        self.wait(t.start())
        states = []
        for text in ("SELECT nope", "SELECT 1"):
            try:
                self.run(text)
            except self.module.PostgresError as e:
                states.append(e.sqlstate)
        self.wait(t.rollback())
        same(states, ["42703", "25P02"])
        same(self.row("SELECT 1"), [1])

    def cancel(self):
        async def run():
            other = await self.module.connect(host=host, port=port, user="matrix", database="default")
            task = asyncio.ensure_future(self.c.execute(FOREVER))
            while not task.done():
                await other.execute("SELECT pg_cancel_backend(%d)" % self.c.get_server_pid())
                await asyncio.wait([task], timeout=0.02)
            await other.close()
            return task.exception()
        same(self.wait(run()).sqlstate, "57014")

    def copy_in(self):
        self.wait(self.c.copy_records_to_table(STREAM, records=[(7, "copied"), (8, None)], columns=["id", "s"]))
        same(self.row("SELECT count(*), max(s) FROM " + STREAM + " WHERE id IN (7, 8)"), [2, "copied"])

    def copy_out(self):
        out = io.BytesIO()
        self.wait(self.c.copy_from_query("VALUES (1, 'a'), (2, NULL)", output=out))
        same(out.getvalue(), b"1\ta\n2\t\\N\n")

    def pool(self):
        async def run():
            async with self.module.create_pool(host=host, port=port, user="matrix", database="default", min_size=4, max_size=4) as p:
                return await asyncio.gather(*[p.fetchval("SELECT $1::int", i) for i in range(8)])
        same(self.wait(run()), list(range(8)))

    def time_zone(self):
        self.run("SET TIME ZONE 'Asia/Shanghai'")
        same(self.row("SELECT (TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC')::text"), ["2026-01-01 08:00:00.000+08"])

    def catalog(self):
        same(self.row("SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0" % STREAM), [["id", "s"]])

    def empty(self):
        same(self.wait(self.c.fetch("-- ping")), [])


class SQLAlchemy:
    def connect(self):
        import sqlalchemy
        self.sa = sqlalchemy
        self.e = sqlalchemy.create_engine("postgresql+psycopg2://matrix@%s:%d/default" % (host, port), pool_size=4)
        self.c = self.e.connect().execution_options(isolation_level="AUTOCOMMIT")
        same(self.row("SELECT 41 + 1"), [42])
        declare(lambda text: self.c.execute(sqlalchemy.text(text)))

    def row(self, text, **args):
        return plain(self.c.execute(self.sa.text(text), args).fetchone())

    def types(self):
        same(self.row(TYPES.replace("::", "\\:\\:").replace("03:04:05", "03\\:04\\:05")), WANT)

    def null(self):
        same(self.row("SELECT NULL, CAST(:n AS int)", n=None), [None, None])

    def chinese(self):
        same(self.row("SELECT :a || '处理'", a="流"), ["流处理"])

    def mebibyte(self):
        raise No("psycopg2 below it puts values into the text of a statement")

    def parameters(self):
        same(self.row("SELECT :a + 1, CAST(:b AS text), CAST(:c AS decimal(10,2))", a=1, b="it's", c=decimal.Decimal("1.50")), [2, "it's", decimal.Decimal("1.50")])

    def insert(self):
        t = self.table()
        self.c.execute(t.insert(), [{"id": 1, "s": "a"}])
        same(list(self.c.execute(self.sa.select(t).where(t.c.id == 1)).fetchone()), [1, "a"])

    def table(self):
        return self.sa.Table(STREAM, self.sa.MetaData(), autoload_with=self.e)

    def cursor(self):
        with self.e.connect() as c:
            r = c.execution_options(stream_results=True, max_row_buffer=3).execute(self.sa.text("SELECT n FROM generate_series(1, 10) AS t (n)"))
            same([x[0] for x in r], list(range(1, 11)))

    def batch(self):
        self.c.execute(self.table().insert(), [{"id": 100, "s": "x"}, {"id": 101, "s": "y"}])
        same(self.row("SELECT count(*) FROM " + STREAM + " WHERE id IN (100, 101)"), [2])

    def error(self):
        try:
            self.row("SELECT 1, nope FROM " + STREAM)
        except self.sa.exc.ProgrammingError as e:
            same([e.orig.diag.sqlstate, e.orig.diag.statement_position], ["42703", "11"])
        same(self.row("SELECT 1"), [1])

    def transaction(self):
        with self.e.connect() as c:
            t = c.begin()
            states = []
            for text in ("SELECT nope", "SELECT 1"):
                try:
                    c.execute(self.sa.text(text))
                except self.sa.exc.DBAPIError as e:
                    states.append(e.orig.diag.sqlstate)
            t.rollback()
            same(states, ["42703", "25P02"])

    def pool(self):
        taken = [self.e.connect() for _ in range(3)]
        same([c.execute(self.sa.text("SELECT 1")).scalar() for c in taken], [1, 1, 1])
        for c in taken:
            c.close()

    def time_zone(self):
        self.c.execute(self.sa.text("SET TIME ZONE 'Asia/Shanghai'"))
        same(self.row("SELECT TIMESTAMP '2026-01-01 00\\:00\\:00' AT TIME ZONE 'UTC'")[0].isoformat(), "2026-01-01T08:00:00+08:00")

    def catalog(self):
        i = self.sa.inspect(self.e)
        same([(c["name"], str(c["type"])) for c in i.get_columns(STREAM)], [("id", "BIGINT"), ("s", "TEXT")])
        same(STREAM in i.get_table_names(), True)

    def prepared(self):
        raise No("psycopg2 below it has none of its own")

    def cancel(self):
        raise No("as the driver below it")

    copy_in = copy_out = cancel

    def empty(self):
        raise No("an empty text is refused by SQLAlchemy")


class Pandas(SQLAlchemy):
    def row(self, text, **args):
        import pandas
        return list(pandas.read_sql(self.sa.text(text), self.c, params=args).iloc[0])

    def types(self):
        got = self.row("SELECT CAST(3 AS bigint) AS a, 2.5 AS b, 'x' AS c, TIMESTAMP '2026-01-02 03\\:04\\:05' AS d")
        same([int(got[0]), float(got[1]), got[2], got[3].to_pydatetime()], [3, 2.5, "x", dt.datetime(2026, 1, 2, 3, 4, 5)])

    def insert(self):
        import pandas
        pandas.DataFrame({"id": [1], "s": ["a"]}).to_sql(STREAM, self.c, if_exists="append", index=False)
        same(self.row("SELECT id, s FROM " + STREAM + " WHERE id = 1"), [1, "a"])

    def cursor(self):
        import pandas
        with self.e.connect() as c:
            chunks = pandas.read_sql(self.sa.text("SELECT n FROM generate_series(1, 10) AS t (n)"), c.execution_options(stream_results=True), chunksize=3)
            same([len(x) for x in chunks], [3, 3, 3, 1])

    def error(self):
        import pandas
        try:
            self.row("SELECT 1, nope FROM " + STREAM)
        except (pandas.errors.DatabaseError, self.sa.exc.ProgrammingError) as e:
            same('column "nope" does not exist' in str(e), True)
        same(self.row("SELECT 1"), [1])

    def null(self):
        same(self.row("SELECT NULL AS a, 1 AS b")[0], None)

    def time_zone(self):
        same(self.row("SELECT TIMESTAMP '2026-01-01 00\\:00\\:00' AT TIME ZONE 'UTC' AS t")[0].timestamp(), 1767225600.0)


c = {"psycopg2": Psycopg2, "psycopg": Psycopg, "asyncpg": Asyncpg, "sqlalchemy": SQLAlchemy, "pandas": Pandas}[client]()
for name in NAMES:
    try:
        getattr(c, name.replace(" ", "_"))()
        print(name, "yes", sep="\t", flush=True)
    except No as e:
        print(name, "no", e, sep="\t", flush=True)
    except Exception as e:
        print(name, "failed", type(e).__name__ + ": " + str(e)[:300].replace("\n", " / "), sep="\t", flush=True)
