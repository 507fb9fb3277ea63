// The steps of the matrix for JavaScript's clients: steps.js client host port prints a line for each step.
const [client, host, port] = process.argv.slice(2);
const assert = require('assert');
const { Readable } = require('stream');
const names = ['connect', 'types', 'null', 'chinese', 'mebibyte', 'parameters', 'prepared', 'insert', 'cursor', 'batch', 'error', 'transaction', 'cancel', 'copy in', 'copy out', 'pool', 'time zone', 'catalog', 'empty'];
const config = { host, port: Number(port), user: 'matrix', database: 'default' };
const stream = client.replace(/\W/g, '') + '_rows', silent = client.replace(/\W/g, '') + '_silent';
const large = '流'.repeat(1 << 18) + 'x'.repeat(1 << 18);
const declare = ['rows', 'silent'].map(s => client.replace(/\W/g, '') + '_' + s).map(s =>
  `CREATE STREAM ${s} (id BIGINT, s STRING) TBLPROPERTIES ("topic"='${s}', "format"='json', "topic.create"='true', "topic.partitions"='1')`);
const types = `SELECT 1::smallint AS a, 2::int AS b, 3::bigint AS c, 1.50::decimal(10,2) AS d, 2.5::double AS e, true AS f, 'x' AS g, TIMESTAMP '2026-01-02 03:04:05.678' AT TIME ZONE 'UTC' AS h,
 CAST(X'00ff' AS BINARY) AS i, ARRAY[1, 2] AS j`;
const typed = { a: 1, b: 2, c: '3', d: '1.50', e: 2.5, f: true, g: 'x', h: new Date('2026-01-02T03:04:05.678Z'), i: Buffer.from([0, 255]), j: [1, 2] };
class No extends Error {}
const no = why => async () => { throw new No(why); };
const code = async f => { try { await f(); } catch (e) { return e.code; } };
const chunks = async s => { let all = ''; for await (const c of s) all += c; return all; };

// node-postgres
const pg = () => {
  const { Client, Pool } = require('pg');
  const Cursor = require('pg-cursor');
  const copy = require('pg-copy-streams');
  const c = new Client(config);
  const row = async (text, values) => (await c.query({ text, values, rowMode: 'array' })).rows[0];
  return {
    close: () => c.end(),
    connect: async () => { await c.connect(); assert.deepStrictEqual(await row('SELECT 42'), [42]); for (const d of declare) await c.query(d); },
    types: async () => assert.deepStrictEqual({ ...(await c.query(types)).rows[0] }, typed),
    null: async () => assert.deepStrictEqual(await row('SELECT NULL, $1::int', [null]), [null, null]),
    chinese: async () => assert.deepStrictEqual(await row("SELECT $1 || '处理'", ['流']), ['流处理']),
    mebibyte: async () => assert.ok((await row('SELECT $1::text', [large]))[0] === large),
    parameters: async () => assert.deepStrictEqual(await row('SELECT ($1::int + 1)::int, $2::text, $3::decimal(10,2), $4::boolean, $5::int = ANY($6::int[])', [1, "it's", '1.50', true, 2, [1, 2]]), [2, "it's", '1.50', true, true]),
    prepared: async () => { for (let i = 0; i < 10; i++) assert.deepStrictEqual((await c.query({ name: 'p', text: 'SELECT ($1::int + 1)::int AS n', values: [i] })).rows[0].n, i + 1); },
    insert: async () => { await c.query(`INSERT INTO ${stream} VALUES ($1, $2)`, [1, 'a']); assert.deepStrictEqual(await row(`SELECT id, s FROM ${stream} WHERE id = $1 LIMIT $2`, [1, 5]), ['1', 'a']); },
    cursor: async () => {
      const k = c.query(new Cursor('SELECT n FROM generate_series(1, 10) AS t (n)')), got = [];
      for (;;) { const rows = await k.read(3); if (!rows.length) break; got.push(rows.length); }
      assert.deepStrictEqual(got, [3, 3, 3, 1]);
    },
    batch: async () => assert.deepStrictEqual((await c.query('SELECT 1 AS a; SELECT 2 AS b')).map(r => ({ ...r.rows[0] })), [{ a: 1 }, { b: 2 }]),
    error: async () => {
      await assert.rejects(row(`SELECT 1, nope FROM ${stream}`), e => e.code === '42703' && e.position === '11');
      assert.deepStrictEqual(await row('SELECT 1'), [1]);
    },
    transaction: async () => {
      await c.query('BEGIN');
      assert.deepStrictEqual([await code(() => c.query('SELECT nope')), await code(() => c.query('SELECT 1'))], ['42703', '25P02']);
      await c.query('ROLLBACK');
      assert.deepStrictEqual(await row('SELECT 1'), [1]);
    },
    cancel: async () => {
      const other = new Client(config);
      await other.connect();
      let ended = false;
      const gone = code(() => c.query(`SELECT * FROM ${silent} EMIT CHANGES`)).finally(() => { ended = true; });
      while (!ended) { await other.query('SELECT pg_cancel_backend($1)', [c.processID]); await new Promise(r => setTimeout(r, 20)); }
      await other.end();
      assert.strictEqual(await gone, '57014');
    },
    'copy in': async () => {
      await require('stream/promises').pipeline(Readable.from(['7\tcopied\n8\t', '\\N\n']), c.query(copy.from(`COPY ${stream} FROM STDIN`)));
      assert.deepStrictEqual(await row(`SELECT count(*)::int, max(s) FROM ${stream} WHERE id IN (7, 8)`), [2, 'copied']);
    },
    'copy out': async () => assert.strictEqual(await chunks(c.query(copy.to("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT"))), '1\ta\n2\t\\N\n'),
    pool: async () => {
      const p = new Pool({ ...config, max: 4 });
      assert.deepStrictEqual(await Promise.all([...Array(8).keys()].map(async i => (await p.query('SELECT $1::int AS n', [i])).rows[0].n)), [0, 1, 2, 3, 4, 5, 6, 7]);
      await p.end();
    },
    'time zone': async () => { await c.query("SET TIME ZONE 'Asia/Shanghai'"); assert.deepStrictEqual(await row("SELECT (TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC')::text"), ['2026-01-01 08:00:00.000+08']); },
    catalog: async () => assert.deepStrictEqual(await row(`SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = $1`, [stream]), [['id', 's']]),
    empty: async () => assert.deepStrictEqual((await c.query('-- ping')).rows, []),
  };
};

// postgres.js
const postgres = () => {
  const make = more => require('postgres')({ ...config, max: 1, onnotice: () => {}, ...more });
  const sql = make();
  const row = async q => [...(await q.values())[0]];
  return {
    close: () => sql.end(),
    connect: async () => { assert.deepStrictEqual(await row(sql`SELECT 42`), [42]); for (const d of declare) await sql.unsafe(d); },
    types: async () => assert.deepStrictEqual({ ...(await sql.unsafe(types))[0] }, typed),
    null: async () => assert.deepStrictEqual(await row(sql`SELECT NULL, ${null}::int`), [null, null]),
    chinese: async () => assert.deepStrictEqual(await row(sql`SELECT ${'流'} || '处理'`), ['流处理']),
    mebibyte: async () => assert.ok((await row(sql`SELECT ${large}::text`))[0] === large),
    parameters: async () => assert.deepStrictEqual(await row(sql`SELECT (${1}::int + 1)::int, ${"it's"}::text, ${'1.50'}::decimal(10,2), ${true}::boolean, ${2}::int = ANY(${[1, 2]}::int[])`), [2, "it's", '1.50', true, true]),
    prepared: async () => { for (let i = 0; i < 10; i++) assert.deepStrictEqual(await row(sql`SELECT (${i}::int + 1)::int`), [i + 1]); },
    insert: async () => { await sql`INSERT INTO ${sql(stream)} ${sql({ id: 1, s: 'a' })}`; assert.deepStrictEqual(await row(sql`SELECT id, s FROM ${sql(stream)} WHERE id = ${1}`), ['1', 'a']); },
    cursor: async () => {
      const got = [];
      await sql`SELECT n FROM generate_series(1, 10) AS t (n)`.cursor(3, rows => { got.push(rows.length); });
      assert.deepStrictEqual(got, [3, 3, 3, 1]);
    },
    batch: async () => assert.deepStrictEqual((await Promise.all([...Array(8).keys()].map(i => row(sql`SELECT ${i}::int`)))).flat(), [0, 1, 2, 3, 4, 5, 6, 7]),
    error: async () => {
      await assert.rejects(sql.unsafe(`SELECT 1, nope FROM ${stream}`), e => e.code === '42703' && e.position === '11');
      assert.deepStrictEqual(await row(sql`SELECT 1`), [1]);
    },
    transaction: async () => {
      assert.strictEqual(await code(() => sql.begin(async t => { assert.strictEqual(await code(() => t`SELECT nope`), '42703'); await t`SELECT 1`; })), '42703');
      assert.deepStrictEqual(await row(sql`SELECT 1`), [1]);
    },
    cancel: async () => {
      const q = sql.unsafe(`SELECT * FROM ${silent} EMIT CHANGES`), other = make();
      const pid = (await row(sql`SELECT 1`).catch(() => []), null);
      let ended = false;
      const gone = code(() => q).finally(() => { ended = true; });
      while (!ended) { await other`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE ${'%' + silent + ' EMIT CHANGES'} AND state = 'active'`; await new Promise(r => setTimeout(r, 20)); }
      await other.end();
      assert.strictEqual(await gone, '57014');
    },
    'copy in': async () => {
      await require('stream/promises').pipeline(Readable.from(['7\tcopied\n8\t\\N\n']), await sql.unsafe(`COPY ${stream} FROM STDIN`).writable());
      assert.deepStrictEqual(await row(sql`SELECT count(*)::int, max(s) FROM ${sql(stream)} WHERE id IN (7, 8)`), [2, 'copied']);
    },
    'copy out': async () => assert.strictEqual(await chunks(await sql`COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT`.readable()), '1\ta\n2\t\\N\n'),
    pool: async () => {
      const p = make({ max: 4 });
      assert.deepStrictEqual((await Promise.all([...Array(8).keys()].map(i => row(p`SELECT ${i}::int`)))).flat(), [0, 1, 2, 3, 4, 5, 6, 7]);
      await p.end();
    },
    'time zone': async () => { await sql`SET TIME ZONE 'Asia/Shanghai'`; assert.deepStrictEqual(await row(sql`SELECT (TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC')::text`), ['2026-01-01 08:00:00.000+08']); },
    catalog: async () => assert.deepStrictEqual(await row(sql`SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = ${stream}`), [['id', 's']]),
    empty: async () => assert.deepStrictEqual([...await sql.unsafe('-- ping')], []),
  };
};

// knex, over node-postgres
const knex = () => {
  const k = require('knex')({ client: 'pg', connection: config, pool: { min: 0, max: 4 } });
  const row = async (text, values) => Object.values((await k.raw(text, values || [])).rows[0]);
  const below = no('as node-postgres below it');
  return {
    close: () => k.destroy(),
    connect: async () => { assert.deepStrictEqual(await row('SELECT 42 AS n'), [42]); for (const d of declare) await k.raw(d); },
    types: async () => assert.deepStrictEqual({ ...(await k.raw(types)).rows[0] }, typed),
    null: async () => assert.deepStrictEqual(await row('SELECT NULL AS a, ?::int AS b', [null]), [null, null]),
    chinese: async () => assert.deepStrictEqual(await row("SELECT ? || '处理' AS a", ['流']), ['流处理']),
    mebibyte: async () => assert.ok((await row('SELECT ?::text AS a', [large]))[0] === large),
    parameters: async () => assert.deepStrictEqual(await row('SELECT (?::int + 1)::int AS a, ?::text AS b', [1, "it's"]), [2, "it's"]),
    prepared: no('knex prepares nothing under a name'),
    insert: async () => { await k(stream).insert({ id: 1, s: 'a' }); assert.deepStrictEqual((await k(stream).where({ id: 1 }).limit(1).select('id', 's')).map(r => ({ ...r })), [{ id: '1', s: 'a' }]); },
    cursor: below, cancel: below, 'copy in': below, 'copy out': below,
    batch: async () => { await k(stream).insert([{ id: 100, s: 'x' }, { id: 101, s: 'y' }]); assert.deepStrictEqual((await k(stream).whereIn('id', [100, 101]).count('* as n'))[0].n, '2'); },
    error: async () => { await assert.rejects(k(stream).select('nope'), e => e.code === '42703'); assert.deepStrictEqual(await row('SELECT 1 AS n'), [1]); },
    transaction: async () => {
      assert.strictEqual(await code(() => k.transaction(async t => { await t.raw('SELECT nope'); })), '42703');
      assert.deepStrictEqual(await row('SELECT 1 AS n'), [1]);
    },
    pool: async () => assert.deepStrictEqual((await Promise.all([...Array(8).keys()].map(i => row('SELECT ?::int AS n', [i])))).flat(), [0, 1, 2, 3, 4, 5, 6, 7]),
    'time zone': async () => assert.deepStrictEqual(await row("SELECT (TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'UTC') AS t"), [new Date('2026-01-01T00:00:00Z')]),
    catalog: async () => assert.deepStrictEqual(Object.keys(await k(stream).columnInfo()), ['id', 's']),
    empty: no('knex refuses an empty text itself'),
  };
};

(async () => {
  const c = { 'node-postgres': pg, 'postgres.js': postgres, knex }[client]();
  for (const name of names) {
    try {
      await c[name]();
      console.log([name, 'yes'].join('\t'));
    } catch (e) {
      console.log([name, e instanceof No ? 'no' : 'failed', String(e.message).slice(0, 300).replace(/\n/g, ' / ')].join('\t'));
    }
  }
  await c.close();
})();
