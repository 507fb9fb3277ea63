package conf

// KafkaSecurity are the settings by which the server signs in to the brokers of kafka.broker.list, under Kafka's own names behind kafka.; a stream has
// options of the same names for brokers of its own.
var KafkaSecurity = []*Setting{
	str(Server, "kafka.security.protocol", "", "O", KafkaTexts["security.protocol"]).Setting,
	str(Server, "kafka.sasl.mechanism", "", "O", KafkaTexts["sasl.mechanism"]).Setting,
	str(Server, "kafka.sasl.username", "", "O", KafkaTexts["sasl.username"]).Setting,
	declare(Setting{Key: "kafka.sasl.password", Level: Server, Type: "text", Origin: "O", Secret: true, Text: KafkaTexts["sasl.password"]}),
	str(Server, "kafka.ssl.ca.file", "", "O", KafkaTexts["ssl.ca.file"]).Setting,
	str(Server, "kafka.ssl.certificate.file", "", "O", KafkaTexts["ssl.certificate.file"]).Setting,
	str(Server, "kafka.ssl.key.file", "", "O", KafkaTexts["ssl.key.file"]).Setting,
}

// KafkaTexts say what these settings mean.
var KafkaTexts = map[string]string{
	"security.protocol":    "How the brokers are reached: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; absent: PLAINTEXT.",
	"sasl.mechanism":       "How to sign in to them: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; absent: PLAIN.",
	"sasl.username":        "Who signs in to them.",
	"sasl.password":        "Their password: secret('name'), or the value.",
	"ssl.ca.file":          "File in PEM form with the authorities that the brokers' certificates must be of; absent: the system's.",
	"ssl.certificate.file": "File in PEM form with the certificate that the server shows to them.",
	"ssl.key.file":         "File in PEM form with its key; absent: that of the certificate.",
}

// SecretKeyFile is the key that secrets are sealed with.
var SecretKeyFile = str(
	Server, "server.secret.key.file", "", "O", "File with the key that secrets of the catalog are encrypted with: 32 bytes in base64, readable by its owner alone. Every "+
		"server of a quorum needs the same; empty: secret.key in the data directory, made when it is first needed, and with ZooKeeper none.",
)

// AllowedTargets are what all but owners may name.
var AllowedTargets = str(
	Server, "server.allowed.targets", "", "O", "What all but owners may name in properties, with commas between: hosts (db.example.org), all below one (*.example.org), networks (10.1.0.0/16), each "+
		"with :port if only that one is meant, and folders (/data/in/). Empty: the brokers of the server alone. Link-local addresses, which cloud metadata services have, are never among them.",
)
