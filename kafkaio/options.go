package kafkaio

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/executor/format"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// The options of a stream over Kafka, beside those that every stream has and those of its
// format.
var (
	topicOption = conf.StringOption("topic", "", "V", "Kafka topic.")
	topicCreate = conf.BoolOption("topic.create", "", "O",
		"Makes the topic if it is not there, at CREATE or when it is first needed; absent: on the embedded broker only.")
	topicPartitions = conf.IntOption("topic.partitions", "0", 0, 100000, "partitions", "O",
		"Partitions of a topic that is made; 0: the brokers' default (on the embedded broker 2).")
	topicReplication = conf.IntOption("topic.replication", "0", 0, 100, "replicas", "O",
		"Replicas of a topic that is made; 0: the brokers' default.")
	brokerList      = conf.StringOption("kafka.broker.list", "", "V", "Brokers; absent: the server's.")
	zooKeeper       = conf.StringOption("kafka.zookeeper", "", "V", "ZooKeeper of an old Kafka. It is not asked for its brokers: kafka.broker.list names them.")
	newPartitionsAt = conf.ChoiceOption("transwarp.consumer.new.partition.strategy", "", "same earliest latest", "O",
		"Where a partition that appears later begins; absent: at its beginning if the strategy is latest or absent, else by the strategy.")
	// security are the options by which a stream signs in to its brokers.
	security = []*conf.Setting{
		kafkaOption("security.protocol"), kafkaOption("sasl.mechanism"), kafkaOption("sasl.username"),
		conf.SecretOption("kafka.sasl.password", "O", conf.KafkaTexts["sasl.password"]).Setting,
		kafkaOption("ssl.ca.file"), kafkaOption("ssl.certificate.file"), kafkaOption("ssl.key.file"),
	}
	topicConfig  = conf.OpenFamilyOption("topic.config.", "O", "Settings of a topic that is made, under Kafka's own names: topic.config.retention.ms.")
	consumerKeys = conf.FamilyOption("transwarp.consumer.", "V", "Kafka consumer settings, under Kafka's own names.")
	producerKeys = conf.FamilyOption("transwarp.producer.", "O", "Kafka producer settings, under Kafka's own names.")
)

func init() {
	topicOption.Elsewhere = []string{"kafka.topic", "kafka_topic"}
	brokerList.Elsewhere = []string{"properties.bootstrap.servers", "bootstrap.servers", "kafka.bootstrap.servers", "kafka_broker"}
}

// kafkaOption declares an option under Kafka's own name.
func kafkaOption(name string) *conf.Setting {
	return conf.StringOption("kafka."+name, "", "O", conf.KafkaTexts[name]).Setting
}

// Declaration implements catalog.Connector.
func (k *Connector) Declaration() *catalog.Declaration {
	k.declare.Do(func() {
		k.declared = &catalog.Declaration{
			Name: "kafka", Text: "Topics of Kafka, or of what speaks its protocol.",
			Options: slices.Concat([]*conf.Setting{
				topicOption.Setting, topicCreate.Setting, topicPartitions.Setting, topicReplication.Setting, topicConfig, brokerList.Setting, zooKeeper.Setting,
			}, security, []*conf.Setting{
				conf.GroupID.Setting, conf.OffsetStrategy.Setting, newPartitionsAt.Setting, consumerKeys, producerKeys,
			}),
			Formats: k.formats().Traits(), DefaultFormat: format.Delimited.Name,
			Metadata: catalog.RecordMetadata(),
			Source:   &catalog.SourceTraits{Bounded: true, Origin: true, Starts: []string{conf.Latest, conf.Earliest, conf.Committed, "timestamp", "offset"}},
			Sink:     &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce, conf.ExactlyOnce}, NeedsKey: true},
			Locates:  []*conf.Setting{topicOption.Setting, brokerList.Setting},
			Prepares: []*conf.Setting{topicCreate.Setting},
		}
	})
	return k.declared
}

// formats are those that streams may name.
func (k *Connector) formats() format.Registry {
	if k.Formats == nil {
		return format.All
	}
	return k.Formats
}

// formatOf is the format in force.
func (k *Connector) formatOf(o *conf.Values) (*format.Format, error) {
	return k.formats().Find(cmp.Or(strings.ToLower(o.Text(conf.Format.Name())), format.Delimited.Name))
}

// clientProperties are what is meant for the Kafka client: the server's sign-in on the server's brokers, and on no others; over
// it the stream's own, and over that what stands in its families.
func (k *Connector) clientProperties(o *conf.Values) (map[string]string, error) {
	out := map[string]string{}
	if b := brokerList.Get(o); (b == "" || b == k.Brokers) && k.SignIn != nil {
		server, err := k.SignIn()
		if err != nil {
			return nil, err
		}
		maps.Copy(out, server)
	}
	for _, s := range security {
		if s.IsSet(o) {
			out[strings.TrimPrefix(s.Key, "kafka.")] = o.Text(s.Key)
		}
	}
	for _, family := range []*conf.Setting{consumerKeys, producerKeys} {
		for k, v := range o.Family(family.Key) {
			if key := strings.ToLower(k); !slices.Contains(ourKeys, family.Key+key) {
				out[key] = v
			}
		}
	}
	return out, nil
}

// checkSignIn refuses a name or a password that nobody would be told.
func checkSignIn(o *conf.Values, client map[string]string) error {
	for _, s := range security {
		protocol, name := strings.ToUpper(client["security.protocol"]), strings.TrimPrefix(s.Key, "kafka.")
		family, _, _ := strings.Cut(name, ".")
		if s.IsSet(o) && family != "security" && !strings.Contains(protocol, strings.ToUpper(family)) {
			return sqlerr.New(sqlerr.InvalidParameter, "property %q has no use with \"kafka.security.protocol\"=%q", s.Key, cmp.Or(protocol, "PLAINTEXT")).
				WithHint("\"kafka.security.protocol\" is SASL_SSL where one signs in over TLS, SASL_PLAINTEXT without TLS, SSL for TLS alone.")
		}
	}
	return nil
}

// ourKeys look like the client's.
var ourKeys = []string{conf.GroupID.Name(), conf.OffsetStrategy.Name(), newPartitionsAt.Name()}

// topicOf reads what a stream says of its topic; on the embedded broker topics are made
// unless it says otherwise.
func (k *Connector) topicOf(o *conf.Values) topic {
	brokers := brokerList.Get(o)
	own := k.CreateTopics && (brokers == "" || brokers == k.Brokers)
	t := topic{create: own}
	t.Name, t.Partitions, t.Replication = topicOption.Get(o), int(topicPartitions.Get(o)), int(topicReplication.Get(o))
	if topicCreate.IsSet(o) {
		t.create = topicCreate.Get(o)
	}
	if own && t.Partitions == 0 {
		t.Partitions = DefaultPartitions
	}
	given := o.Family(topicConfig.Key)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		t.Config = append(t.Config, [2]string{strings.ToLower(key), given[key]})
	}
	return t
}
