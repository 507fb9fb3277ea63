package conf

import "strings"

// settings is every declaration, in the order of the reference page.
var settings []*Setting

func declare(s Setting) *Setting {
	settings = append(settings, &s)
	return &s
}

func boolean(l Level, key, def, origin, text string) BoolKey {
	return BoolKey{declare(Setting{Key: key, Level: l, Type: "boolean", Default: def, Origin: origin, Text: text})}
}

func integer(l Level, key, def string, lo, hi int64, unit, origin, text string) IntKey {
	return IntKey{declare(Setting{Key: key, Level: l, Type: "integer", Default: def, Min: lo, Max: hi, Unit: unit, Origin: origin, Text: text})}
}

func duration(l Level, key, def string, lo, hi int64, origin, text string) DurationKey {
	return DurationKey{declare(Setting{Key: key, Level: l, Type: "duration", Default: def, Min: lo, Max: hi, Unit: "ms", Origin: origin, Text: text})}
}

func size(l Level, key, def string, least int64, origin, text string) BytesKey {
	return BytesKey{declare(Setting{Key: key, Level: l, Type: "bytes", Default: def, Min: least, Unit: "bytes", Origin: origin, Text: text})}
}

func str(l Level, key, def, origin, text string) StringKey {
	return StringKey{declare(Setting{Key: key, Level: l, Type: "text", Default: def, Origin: origin, Text: text})}
}

func choice(l Level, key, def, choices, origin, text string) ChoiceKey {
	return ChoiceKey{declare(Setting{Key: key, Level: l, Type: "choice", Default: def, Choices: strings.Fields(choices), Origin: origin, Text: text})}
}

func ignored(l Level, keys string) {
	for _, k := range strings.Fields(keys) {
		declare(Setting{Key: k, Level: l, Type: "text", Origin: "V", Text: "The vendor's; accepted, without meaning here.", Ignored: true})
	}
}

// Values of choices that code compares with.
const (
	AtLeastOnce  = "at_least_once"
	ExactlyOnce  = "exactly_once"
	Earliest     = "earliest"
	Latest       = "latest"
	Committed    = "committed"
	SplitAuto    = "auto"
	SplitNone    = "false"
	SplitAlone   = "true"
	SplitAll     = "all"
	SplitKeyless = "keyless"
)

const (
	year = 365 * 24 * 3600 * 1000
	many = 1 << 40
)

// Server settings.
var (
	RecoveryMode = choice(
		Server, "spark.morphling.recovery.mode", "local", "local zookeeper", "S",
		"Where catalog, jobs and checkpoint metadata are kept: local (one server, data directory) or zookeeper.",
	)
	TaskStateBackend   = choice(Server, "spark.morphling.taskstate.backend", "filesystem", "filesystem", "S", "What keeps task state.")
	TaskStateDirectory = str(
		Server, "spark.morphling.taskstate.checkpoint.directory", "", "S",
		"Where task state is kept: hdfs://…, file:///…, s3://…; empty: below the data directory.",
	)
	HDFSPrincipal    = str(Server, "hdfs.kerberos.principal", "", "O", "Principal that the server signs in to HDFS with, name@REALM; empty: no Kerberos.")
	HDFSKeytab       = str(Server, "hdfs.kerberos.keytab", "", "O", "Keytab file of that principal.")
	HDFSKrb5Conf     = str(Server, "hdfs.kerberos.krb5.conf", "/etc/krb5.conf", "O", "Kerberos configuration file.")
	HDFSService      = str(Server, "hdfs.kerberos.service.principal", "nn/_HOST", "O", "Principal of the name nodes, without the realm.")
	CheckpointTopics = str(
		Server, "kafka.checkpoint.topic.prefix", "slipway_checkpoint", "O",
		"Prefix of the two topics of checkpoint backend kafka, on kafka.broker.list: one per cluster of servers.",
	)
	CompletedDirectory = str(
		Server, "spark.morphling.completed.checkpoints.storage.dir", "", "S",
		"Where the manifests of completed checkpoints are kept in zookeeper mode; without a scheme in the default file system.",
	)
	ZooKeeperQuorum  = str(Server, "spark.morphling.zookeeper.quorum", "", "S", "host:port,… of the quorum.")
	ZooKeeperSession = duration(
		Server, "server.zookeeper.session.timeout", "10000", 1000, 3_600_000, "O",
		"Time after which a leader that ZooKeeper does not hear of is replaced.",
	)
	ZooKeeperRoot        = str(Server, "spark.morphling.zookeeper.root.path", "/morphling", "S", "Root of everything in ZooKeeper.")
	ZooKeeperNamespace   = str(Server, "spark.morphling.zookeeper.namespace", "/default", "S", "Name space below the root: one per cluster of servers.")
	ZooKeeperCheckpoints = str(Server, "spark.morphling.zookeeper.checkpoints.path", "/checkpoints", "S", "Checkpoint records below the name space.")
	SubmittedJobPath     = str(Server, "spark.morphling.submitted.job.path", "/runningjobs", "S", "Submitted jobs below the name space.")
	DataDirectory        = str(Server, "server.data.directory", "./slipway-data", "O", "Everything local: catalog, local checkpoints, embedded broker.")
	FunctionDirectory    = str(Server, "server.function.directory", "", "O",
		"Where CREATE FUNCTION … LANGUAGE wasm finds modules by the names of their files; empty: nowhere, modules are sent as base64.")
	SQLListen     = str(Server, "server.sql.listen", "127.0.0.1:10010", "V", "Address for PostgreSQL clients; port 0: any free one, printed. Beyond loopback only with users and TLS.")
	ConsoleListen = str(
		Server, "server.console.listen", "127.0.0.1:4044", "V",
		"Address of the console, a page for a browser, and of /livez, /readyz, /healthz and /metrics; empty: off. Beyond loopback only with users and TLS.",
	)
	TraceEndpoint = str(Server, "server.trace.endpoint", "", "O",
		"Collector that takes traces of statements, checkpoints and recoveries by OTLP over HTTP, as http://collector:4318; empty: off.")
	TraceSample    = integer(Server, "server.trace.sample", "100", 0, 100, "percent", "O", "Share of the traces that are sent.")
	MetricsSeries  = integer(Server, "server.metrics.series", "200", 0, 100000, "", "O", "Series about the partitions, stages, operators and sinks of one job at /metrics; the rest is left out and counted.")
	DefaultBrokers = str(Server, "kafka.broker.list", "", "O", "Brokers used where a stream names none; empty: the embedded broker.")
	EmbeddedListen = str(
		Server, "server.embedded.broker.listen", "127.0.0.1:9092", "O",
		"Address of the embedded broker; port 0: any free one. Used only when kafka.broker.list is empty.",
	)
	Parallelism = integer(Server, "server.parallelism", "0", 0, 4096, "cores", "O", "Cores used; 0: all.")
	MemoryLimit = size(
		Server, "server.memory.limit", "0", 1<<20, "O",
		"Memory that the keyed state of all jobs may use together, such as 4GB; 0: 60 % of the machine or of its cgroup. A job that would pass it stops with 53200.",
	)
	QueryMemory = size(
		Server, "server.query.memory.limit", "192 MB", 1<<20, "O",
		"Memory that one SELECT may hold: its state, and the rows on their way between its operators and to its client; 0: no limit but that of all state. One that would pass it ends with 53200. Stream jobs are not bounded by it.",
	)
	MaxConnections = integer(
		Server, "server.max.connections", "200", 1, 100000, "connections", "O",
		"Clients that have signed on; one more is refused with 53300. A connection that has not signed on after 10 s is closed.",
	)
	TimeZone = str(
		Server, "server.timezone", "UTC", "O",
		"Zone of CURRENT_TIMESTAMP and of conversions from and to epoch numbers; TIMESTAMP itself has none. A session may SET timezone for its own SELECTs and "+
			"INSERT … VALUES; jobs keep this one.",
	)
	LogLevel  = choice(Server, "server.log.level", "info", "debug info warn error", "O", "Least level that is logged.")
	LogFormat = choice(Server, "server.log.format", "text", "text json", "O", "Form of the log on stderr.")
	Demo      = boolean(Server, "server.demo", "false", "O", "Creates the demo streams and job if they are not there.")
	UsersFile = str(
		Server, "server.users.file", "", "O",
		"File of owners, who sign in beside the users of the catalog: lines of name:verifier (SCRAM-SHA-256$…), mode 0600; read again when it changes.",
	)
	AuditLog = str(
		Server, "server.audit.log", "", "O",
		"File of the audit log: who signed in or was refused, who changed what and from where, a line of JSON each (mode 0600, made anew when it is moved away). Empty: none.",
	)
	AuthRules = str(
		Server, "server.auth.rules", "", "O",
		"How clients sign in, in lines of pg_hba.conf with ; or line breaks between: [host|hostssl|hostnossl] database user address method. "+
			"database and user: all or names with commas; address: all, loopback, 10.0.0.0/8; method: trust (loopback only), scram, cert, reject. "+
			"The first that fits decides. Empty: everybody by scram. While no user can sign in, whoever comes over loopback is the owner.",
	)
	MaxPerAddress = integer(
		Server, "server.max.connections.per.address", "0", 0, 100000, "connections", "O",
		"Clients that one address may have signed on; one more is refused with 53300. 0: as many as server.max.connections.",
	)
	TLSCert = str(Server, "server.tls.cert", "", "O",
		"Certificate of the server with those that lead to its authority, in PEM; read again when the file changes, for new connections.")
	TLSKey  = str(Server, "server.tls.key", "", "O", "Key of server.tls.cert, in PEM; read again when the file changes.")
	TLSCA   = str(Server, "server.tls.ca", "", "O", "Authorities whose client certificates are believed, in PEM; empty: clients are asked for none.")
	TLSMode = choice(
		Server, "server.tls.mode", "", "off prefer require", "O",
		"Encryption of client connections: off, prefer (for those who ask for it), require (others are refused before they are asked for a password). "+
			"Absent: require where a certificate is given, else off.",
	)
)

// Job settings.
var (
	EnableCheckpoint = boolean(
		Job, "morphling.job.enable.checkpoint", "true", "S",
		"Takes checkpoints; without them STOP, a failure or a crash begins the job's state anew.",
	)
	CheckpointInterval = duration(Job, "morphling.job.checkpoint.interval", "60000", 10, year, "S", "Time between two checkpoints.")
	CheckpointBackend  = choice(
		Job, "morphling.checkpoint.backend", "", "local zookeeper kafka", "S",
		"What keeps the checkpoints; absent: zookeeper in recovery mode zookeeper, else local.",
	)
	CheckpointTimeout  = duration(Job, "morphling.job.checkpoint.timeout", "60000", 10, year, "O", "Expiry of a checkpoint that not all tasks have confirmed.")
	CheckpointRetained = integer(Job, "morphling.job.checkpoint.retained", "5", 1, 1000, "checkpoints", "O", "Completed checkpoints that are kept.")
	CheckpointMode     = choice(
		Job, "morphling.job.checkpoint.mode", ExactlyOnce, ExactlyOnce+" "+AtLeastOnce, "O",
		"exactly_once aligns barriers; at_least_once does not hold inputs back.",
	)
	AutoFailover = boolean(
		Job, "morphling.job.enable.auto.failover", "true", "S",
		"Restarts the job after a failure, as often as morphling.task.max.failures says, and after a restart of the server.",
	)
	TaskMaxFailures = integer(
		Job, "morphling.task.max.failures", "", -1, 1<<31, "restarts", "S",
		"Restarts after failures; -1: none; absent: what brokers, stores and network do is waited out, with a delay that grows to a minute. What the data or the "+
			"query does is final.",
	)
	RestartStrategy = choice(
		Job, "morphling.restart.strategy", "", "none fixed-delay failure-rate exponential-delay", "O",
		"How a failed job is restarted; absent: derived from auto failover and max failures.",
	)
	RestartAttempts = integer(
		Job, "morphling.restart.strategy.attempts", "3", -1, 1<<31, "restarts", "O",
		"Restarts of fixed-delay and exponential-delay, failures per interval of failure-rate; -1: no limit.",
	)
	RestartDelay    = duration(Job, "morphling.restart.strategy.delay", "1000", 0, year, "O", "Wait before a restart; of exponential-delay the first.")
	RestartMaxDelay = duration(Job, "morphling.restart.strategy.max.delay", "60000", 0, year, "O", "Longest wait of exponential-delay.")
	RestartInterval = duration(Job, "morphling.restart.strategy.interval", "300000", 1, year, "O", "Interval of failure-rate.")
	AutoFlush       = boolean(
		Job, "morphling.result.auto.flush", "true", "S",
		"Rows reach the sink at once; false: in lots of morphling.hdfs.flush.size rows or after morphling.hdfs.flush.interval.ms.",
	)
	FlushSize         = integer(Job, "morphling.hdfs.flush.size", "100000", 1, many, "rows", "V", "Rows of a lot when auto flush is off.")
	FlushInterval     = duration(Job, "morphling.hdfs.flush.interval.ms", "60000", 1, year, "V", "Longest wait of a row when auto flush is off.")
	DeliveryGuarantee = choice(
		Job, "morphling.job.delivery.guarantee", AtLeastOnce, AtLeastOnce+" "+ExactlyOnce, "O",
		"What the sink promises; wins over the sink's own.",
	)
	JobParallelism = integer(Job, "morphling.job.parallelism", "0", 0, 128, "tasks", "O", "Tasks of a stage; 0: the source's partitions, at most the cores.")
	MaxLag         = duration(Job, "morphling.maxlag.on.disorder", "-1", -1, year, "V", "Out-of-orderness of event time; -1: ordered.")
	StateTTL       = duration(Job, "morphling.state.ttl", "0", 0, year, "O",
		"Idle time after which a key of an unwindowed aggregate, or a row of a join, is forgotten; 0: never.")
	LeftTTL = duration(Job, "morphling.state.ttl.left", "0", 0, year, "O",
		"The same for rows of the left side of joins alone; 0: never. Unset: as `morphling.state.ttl`.")
	RightTTL = duration(Job, "morphling.state.ttl.right", "0", 0, year, "O",
		"The same for rows of the right side of joins alone; 0: never. Unset: as `morphling.state.ttl`.")
	JobOnError  = choice(Job, "on.error", "", "fail skip divert", "O", "What becomes of a record that cannot be read; wins over what its stream says.")
	JobDivertTo = str(Job, "on.error.stream", "", "O", "The stream that takes records that cannot be read, with on.error=divert; wins over "+
		"what their stream says.")
	AllowCycle = boolean(Job, "morphling.job.allow.cycle", "false", "O", "The job may read what it writes: that its rows come back to it is meant.")
	Autostart  = boolean(Job, "morphling.job.autostart", "true", "O", "CREATE STREAMJOB starts the job.")
)

// Job settings of aggregates.
var (
	TwoPhases = boolean(
		Job, "morphling.aggregate.two.phases", "true", "O",
		"The rows of a group are combined where they are read, and the results sent to the group's task; false: each row is sent.",
	)
	SharedStreams = boolean(
		Job, "morphling.source.shared", "false", "O",
		"A stream that one query reads several times, as a join with itself does, is read once. Where nothing is given, CREATE STREAMJOB writes true into the "+
			"properties of a job that has such a query; "+
			"jobs that say nothing read it several times. A job that has state cannot change it.",
	)
	SplitDistinct = choice(
		Job, "morphling.aggregate.distinct.split", "", "auto keyless all true false", "O",
		"The DISTINCT values of a group are found by all tasks, each some of the values: of groups without keys (keyless), of every group (all), "+
			"of those whose aggregates are all over the values of one column, without FILTER (true), of none (false), "+
			"or as CREATE STREAMJOB chooses (auto, and absent), which writes down what it chose. A job that has state cannot change it.",
	)
	SplitWindows = boolean(
		Job, "morphling.aggregate.distinct.split.windows", "false", "O",
		"What morphling.aggregate.distinct.split says holds for windows too. Where nothing is given, CREATE STREAMJOB writes true into the properties of a job "+
			"that has such a window; "+
			"jobs that say nothing find those values in the task of their group. A job that has state cannot change it.",
	)
)

// Job settings of patterns.
var PatternByKey = boolean(
	Job, "morphling.pattern.by.key", "false", "O",
	"The events of a PATTERN whose elements are tied by an equality are matched by many tasks, each some of its values. Where nothing is given, CREATE "+
		"STREAMJOB writes true into the properties of a job "+
		"that has such a pattern; jobs that say nothing match them in one task. A job that has state cannot change it.",
)

// Job settings of windows.
var (
	WindowLateness = duration(
		Job, "morphling.window.allowed.lateness", "0", 0, year, "O",
		"How long behind its end, in event time, a window is corrected by rows that come late; its result then changes. 0: not at all.",
	)
	WindowEmit = duration(
		Job, "morphling.window.emit.interval", "0", 0, year, "O",
		"Time of the clock after which a window that has not ended is given as it is then; its result then changes. 0: never.",
	)
	Late   = choice(Job, "late", "drop", "drop divert", "O", "What becomes of a row that comes when its windows have ended, or event time has passed it.")
	LateTo = str(
		Job, "late.stream", "", "O",
		"The stream that takes such rows, with late=divert: its columns are any of those of the rows in front of what leaves them out, reason, and topic, "+
			"partition, offset, key and value of the record.",
	)
)

// Stream settings that every connector has.
var (
	Connector       = str(Stream, "connector", "kafka", "O", "What is behind the stream or table: one of the connectors below.")
	TimeField       = str(Stream, "timefield", "", "V", "Column of event time.")
	IdleTimeout     = duration(Stream, "watermark.idle.timeout", "5000", 1, year, "O", "Silence after which a partition no longer holds the watermark back.")
	SinkDelivery    = choice(Stream, "sink.delivery.guarantee", AtLeastOnce, AtLeastOnce+" "+ExactlyOnce, "O", "What the sink promises.")
	SinkChangelog   = choice(Stream, "sink.changelog", "upsert", "upsert append debezium", "O", "How results that change are written.")
	SourceChangelog = choice(
		Stream, "source.changelog", "", "upsert append", "O",
		"How records are read: upsert: the newest row per PRIMARY KEY, a record without value deletes; append: every record as a row of its own; absent: upsert "+
			"where there is a PRIMARY KEY.",
	)
	SourceBounded = boolean(
		Stream, "source.bounded", "false", "O",
		"A job reads what is there when it starts, and nothing behind: in a join such a table is loaded whole into every task, before the first "+
			"row of the other side.",
	)
	OnError  = choice(Stream, "on.error", "fail", "fail skip divert", "O", "What becomes of a record that cannot be read.")
	DivertTo = str(
		Stream, "on.error.stream", "", "O",
		"The stream that takes records that cannot be read, with on.error=divert: its columns are any of key and value (STRING or BINARY), topic, "+
			"partition, offset, reason.",
	)
)

// Options of connectors that other packages speak of too: a connector that has such a thing
// lists the declaration among its own.
var (
	// Format has the choices of the connector's formats.
	Format         = ChoiceOption("format", "", "", "O", "Form of a record; absent: delimited, by ROW FORMAT DELIMITED, else by Hive's \\001.")
	GroupID        = StringOption("transwarp.consumer.group.id", "", "V", "Consumer group under which offsets are committed; absent: db.job.")
	OffsetStrategy = StringOption(
		"transwarp.consumer.reset.offset.strategy", "", "S",
		"Where a job without checkpoint begins: latest, earliest, committed, timestamp:<epoch ms>, offset:<partition>=<n>,…; absent: committed offset, else "+
			"latest; of a stream that is read by PRIMARY KEY the beginning.",
	)
)

// Options of connectors whose tables can be asked for rows by key.
var (
	LookupRequests = IntOption("lookup.requests", "10", 1, 1000, "requests", "O",
		"How many requests of a task are under way at a time, in a join with the table as of processing time.")
	LookupBatch    = IntOption("lookup.batch.size", "100", 1, 10000, "keys", "O", "How many keys one of them asks for at most.")
	LookupAttempts = IntOption("lookup.attempts", "3", 1, 1000, "attempts", "O",
		"How often it asks before the job fails, and is started again by its restart strategy.")
	LookupTimeout = DurationOption("lookup.timeout", "30000", 1, year, "O", "How long an answer may take, before it asks again.")
	LookupOrdered = BoolOption(
		"lookup.ordered", "true", "O",
		"Rows go on in the order in which they came; false: as soon as they have their answers, so that a slow one holds no others up; those before a watermark "+
			"or a checkpoint stay before it.",
	)
	LookupCacheRows = IntOption("lookup.cache.rows", "10000", 0, many, "rows", "O",
		"What was found and used last is kept in each task, so as not to ask again; 0: nothing.")
	LookupCacheTTL    = DurationOption("lookup.cache.ttl", "60000", 0, year, "O", "How long it is kept: a change of the table is seen that much later at most.")
	LookupCacheAbsent = BoolOption("lookup.cache.missing", "true", "O", "It is kept too that there is no row of a key.")
)

// LookupOptions are all of them.
func LookupOptions() []*Setting {
	return []*Setting{
		LookupRequests.Setting, LookupBatch.Setting, LookupAttempts.Setting, LookupTimeout.Setting, LookupOrdered.Setting,
		LookupCacheRows.Setting, LookupCacheTTL.Setting, LookupCacheAbsent.Setting,
	}
}

// Settings of functions in WebAssembly.
var (
	FunctionExport = str(Function, "export", "", "O", "Name of the function in its module; empty: that of CREATE FUNCTION.")
	FunctionMemory = size(Function, "memory.limit", "16 MB", 1<<20, "O", "Memory that an instance of the module may have, one for each task; at most 1 GB.")
	FunctionTime   = duration(Function, "time.limit", "500", 1, 10_000, "O",
		"Time that a call for one batch may take; beyond it the function fails for these rows.")
	FunctionRows = integer(Function, "rows.limit", "10000", 1, 1<<20, "rows", "O",
		"Rows that a function with RETURNS TABLE may give for one row; with more it fails for this row.")
)

// User settings: limits.
var (
	LimitJobs = integer(User, "slipway.limit.jobs", "0", 0, many, "jobs", "O",
		"Stream jobs of the user's own that may run at a time, those of INSERT … SELECT among them; one more is refused with 53400. 0: any number.")
	LimitTime = duration(User, "slipway.limit.query.time", "0", 0, year, "O",
		"Time that a statement of the user's may take, SELECT … EMIT CHANGES too; then it is cancelled with 57014, as by statement_timeout. 0: any.")
)

// Session settings.
var (
	SelectRows = integer(Session, "slipway.select.rows", "100", 1, many, "rows", "O", "Rows that a SELECT over a stream gives at most if it has no LIMIT.")
	SelectWait = duration(
		Session, "slipway.select.wait", "0", 0, year, "O",
		"How long a SELECT, and a FETCH, waits for more when it has read what was there; 0 = not. A generator without an end is then read for a second.",
	)
	StructForm = choice(Session, "slipway.struct.form", "record", "record json", "O",
		"How clients get a STRUCT: as PostgreSQL's record, or as JSON, which has the names of its fields.")
	SelectStart = choice(Session, "slipway.select.start", "earliest", "earliest latest", "O", "Where a SELECT over a stream begins where the stream does not say.")
)

func init() {
	SplitDistinct.Words = booleans // it was a boolean once
	Format.Elsewhere = []string{"value.format", "value_format"}
	CheckpointInterval.Elsewhere = []string{"execution.checkpointing.interval"}
	CheckpointTimeout.Elsewhere = []string{"execution.checkpointing.timeout"}
	CheckpointMode.Elsewhere = []string{"execution.checkpointing.mode"}
	CheckpointRetained.Elsewhere = []string{"state.checkpoints.num-retained"}
	RestartStrategy.Elsewhere = []string{"restart-strategy", "restart-strategy.type"}
	ZooKeeperSession.Aliases = []string{"spark.morphling.zookeeper.session.timeout"}
	Connector.Elsewhere = []string{"source", "output"}
	GroupID.Elsewhere = []string{"properties.group.id", "group.id"}
	OffsetStrategy.Elsewhere = []string{"scan.startup.mode", "auto.offset.reset", "properties.auto.offset.reset"}
	LookupRequests.Elsewhere = []string{"lookup.async"}
	LookupAttempts.Elsewhere = []string{"lookup.max-retries"}
	LookupCacheRows.Aliases = []string{"lookup.cache.max-rows", "lookup.partial-cache.max-rows"}
	LookupCacheRows.Elsewhere = []string{"lookup.cache"}
	LookupCacheTTL.Aliases = []string{"lookup.partial-cache.expire-after-write"}
	LookupCacheAbsent.Aliases = []string{"lookup.partial-cache.cache-missing-key", "lookup.cache.caching-missing-key"}
	TaskMaxFailures.Aliases = []string{"morphling.task.max.failues"}
	ignored(Job, "stream.number.receivers streamsql.use.eventmode streamsql.use.eventtime mapred.reduce.tasks morphling.metrics.enabled stream.id "+
		"morphling.infinitewindow.reduce.tasks morphling.job.enable.wal.sink morphling.wal.sink.committer.type morphling.wal.sink.voltdb.jdbc.url "+
		"streamsql.enable.backpressure.receiver "+
		"streamsql.backpressure.max.pendingjobs streamsql.max.running.sql streamsql.max.running.task")
	ignored(Server, "spark.morphling.zookeeper.connect.timeout spark.morphling.zookeeper.max.retries spark.morphling.zookeeper.retry.wait "+
		"ngmr.engine.mode ngmr.memsegment.size ngmr.network.num.buffers")
	ignored(Stream, "use.lowlevel.consumer stream.number.receivers")
	ignored(Session, "streamsql.use.eventmode streamsql.use.eventtime streamsql.enable.backpressure.receiver streamsql.backpressure.max.pendingjobs "+
		"streamsql.max.running.sql streamsql.max.running.task mapred.reduce.tasks stream.number.receivers morphling.metrics.enabled "+
		"ngmr.engine.mode ngmr.memsegment.size ngmr.network.num.buffers")
}
