package kafkaio

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/executor/format"
	"slipway/sql/catalog"
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
	topicConfig  = conf.OpenFamilyOption("topic.config.", "O", "Settings of a topic that is made, under Kafka's own names: topic.config.retention.ms.")
	consumerKeys = conf.FamilyOption("transwarp.consumer.", "V", "Kafka consumer settings, under Kafka's own names.")
	producerKeys = conf.FamilyOption("transwarp.producer.", "O", "Kafka producer settings, under Kafka's own names.")
)

func init() {
	topicOption.Elsewhere = []string{"kafka.topic", "kafka_topic"}
	brokerList.Elsewhere = []string{"properties.bootstrap.servers", "bootstrap.servers", "kafka.bootstrap.servers", "kafka_broker"}
}

// Declaration implements catalog.Connector.
func (k *Connector) Declaration() *catalog.Declaration {
	k.declare.Do(func() {
		k.declared = &catalog.Declaration{
			Name: "kafka", Text: "Topics of Kafka, or of what speaks its protocol.",
			Options: []*conf.Setting{
				topicOption.Setting, topicCreate.Setting, topicPartitions.Setting, topicReplication.Setting, topicConfig, brokerList.Setting, zooKeeper.Setting,
				conf.GroupID.Setting, conf.OffsetStrategy.Setting, newPartitionsAt.Setting, consumerKeys, producerKeys,
			},
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

// clientProperties picks what is meant for the Kafka client.
func clientProperties(o *conf.Values) map[string]string {
	out := map[string]string{}
	for _, family := range []*conf.Setting{consumerKeys, producerKeys} {
		for k, v := range o.Family(family.Key) {
			if key := strings.ToLower(k); !slices.Contains(ourKeys, family.Key+key) {
				out[key] = v
			}
		}
	}
	return out
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
