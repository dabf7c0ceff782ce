// One case of the conformance suite on franz-go: `conformance CASE BOOTSTRAP PREFIX`. It exits with
// 0 if the broker did what the client needs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap, prefix string
	ctx               context.Context
)

func topicName(part string) string { return prefix + part }

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect[T comparable](got, want T, what string) {
	if got != want {
		check(fmt.Errorf("expected %v, got %v", want, got), what)
	}
}

// Waits for what the broker does after its answer: changes of its controller reach it, and markers
// reach their partitions, a moment later.
func eventually(condition func() bool, what string) {
	for !condition() {
		check(ctx.Err(), what)
		time.Sleep(20 * time.Millisecond)
	}
}

func connect(options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.FetchMaxWait(100 * time.Millisecond)}, options...)...)
	check(err, "connect")
	return client
}

func createTopic(part string, partitions int32) string {
	client := connect()
	defer client.Close()
	answers, err := kadm.NewClient(client).CreateTopics(ctx, partitions, 1, nil, topicName(part))
	check(err, "create topics")
	check(answers.Error(), "create topics")
	return topicName(part)
}

func values(word string, count int) []string {
	all := make([]string, count)
	for index := range all {
		all[index] = word + strconv.Itoa(index)
	}
	return all
}

func produce(client *kgo.Client, topic string, all []string) {
	for _, value := range all {
		record := &kgo.Record{Topic: topic, Key: []byte("key " + value), Value: []byte(value), Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte("1")}}}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) { check(err, "produce") })
	}
	check(client.Flush(ctx), "flush")
}

// Reads the first records of a topic, which are in order within a partition.
func read(topic string, count int, options ...kgo.Opt) []*kgo.Record {
	client := connect(append([]kgo.Opt{kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())}, options...)...)
	defer client.Close()
	var records []*kgo.Record
	for len(records) < count {
		fetches := client.PollFetches(ctx)
		check(fetches.Err(), "fetch")
		records = append(records, fetches.Records()...)
	}
	return records
}

func produceAndConsume() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for name, codec := range codecs {
		topic := createTopic(name, 1)
		client := connect(kgo.ProducerBatchCompression(codec))
		all := values("the same words again and again ", 1000)
		produce(client, topic, all)
		client.Close()
		for index, record := range read(topic, len(all)) {
			expect(string(record.Value), all[index], name)
			expect(record.Offset, int64(index), name)
			expect(string(record.Headers[0].Value), "1", name)
		}
	}
}

func group() {
	topic := createTopic("t", 4)
	writer := connect()
	defer writer.Close()
	produce(writer, topic, values("a", 200))
	for _, balancer := range []kgo.GroupBalancer{kgo.CooperativeStickyBalancer(), kgo.RangeBalancer()} {
		name := topicName(balancer.ProtocolName())
		seen := make(chan string, 10000)
		member := func(options ...kgo.Opt) *kgo.Client {
			client := connect(append(options, kgo.ConsumerGroup(name), kgo.Balancers(balancer), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
				kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(300*time.Millisecond), kgo.AutoCommitInterval(100*time.Millisecond))...)
			go func() {
				for {
					fetches := client.PollFetches(ctx)
					if fetches.IsClientClosed() {
						return
					}
					fetches.EachRecord(func(record *kgo.Record) { seen <- fmt.Sprint(record.Partition, " ", record.Offset) })
				}
			}()
			return client
		}
		unique := make(map[string]bool)
		take := func(count int) {
			for len(unique) < count {
				select {
				case one := <-seen:
					unique[one] = true
				case <-ctx.Done():
					check(fmt.Errorf("read %d of %d", len(unique), count), name)
				}
			}
		}
		already := 200
		if balancer.ProtocolName() == "range" {
			already = 600
		}
		one, two := member(), member(kgo.InstanceID(name+"-static"))
		take(already)
		produce(writer, topic, values("b", 200))
		take(already + 200)
		one.Close()
		produce(writer, topic, values("c", 200))
		take(already + 400)
		check(two.CommitMarkedOffsets(ctx), "commit")
		two.Close()
	}
}

func transactions() {
	topic := createTopic("t", 1)
	client := connect(kgo.TransactionalID(topicName("tx")))
	for index := range 10 {
		check(client.BeginTransaction(), "begin")
		produce(client, topic, []string{strconv.Itoa(index)})
		check(client.EndTransaction(ctx, kgo.TransactionEndTry(index%2 == 0)), "end")
	}
	client.Close()
	var committed []string
	for _, record := range read(topic, 5, kgo.FetchIsolationLevel(kgo.ReadCommitted())) {
		committed = append(committed, string(record.Value))
	}
	expect(slices.Equal(committed, []string{"0", "2", "4", "6", "8"}), true, fmt.Sprint(committed))
	expect(len(read(topic, 10)), 10, "read_uncommitted")
}

// Consumes, transforms and produces: two sessions of a group copy a topic, and every third
// transaction is aborted.
func exactlyOnce() {
	input, output, count := createTopic("in", 4), createTopic("out", 2), 2000
	writer := connect()
	produce(writer, input, values("", count))
	writer.Close()
	done, stop := context.WithCancel(ctx)
	ended := make(chan struct{}, 2)
	for member := range 2 {
		go func() {
			defer func() { ended <- struct{}{} }()
			session, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(bootstrap), kgo.TransactionalID(topicName("tx")+strconv.Itoa(member)), kgo.ConsumerGroup(topicName("group")),
				kgo.ConsumeTopics(input), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(), kgo.FetchMaxWait(100*time.Millisecond))
			check(err, "session")
			defer session.Close()
			for round := 0; done.Err() == nil; round += 1 {
				fetches := session.PollRecords(done, 100)
				if done.Err() != nil {
					return
				}
				check(session.Begin(), "begin")
				fetches.EachRecord(func(record *kgo.Record) {
					session.Produce(ctx, &kgo.Record{Topic: output, Value: record.Value}, func(_ *kgo.Record, err error) {
						if err != nil && !errors.Is(err, kgo.ErrAborting) {
							fmt.Println("produce:", err)
						}
					})
				})
				_, err := session.End(ctx, kgo.TransactionEndTry(round%3 != 2))
				check(err, "end")
			}
		}()
	}
	counts := make(map[string]int)
	for _, record := range read(output, count, kgo.FetchIsolationLevel(kgo.ReadCommitted())) {
		counts[string(record.Value)] += 1
	}
	stop()
	<-ended
	<-ended
	expect(len(counts), count, "different values, each once")
	client := connect()
	defer client.Close()
	eventually(func() bool {
		lag, err := kadm.NewClient(client).Lag(ctx, topicName("group"))
		check(err, "lag")
		return lag[topicName("group")].Lag.Total() == 0
	}, "no lag")
}

func admin() {
	topic := createTopic("t", 2)
	client := connect()
	defer client.Close()
	produce(client, topic, values("v", 50))
	tool := kadm.NewClient(client)
	details, err := tool.ListTopics(ctx, topic)
	check(err, "list topics")
	expect(len(details[topic].Partitions), 2, "partitions")
	added, err := tool.CreatePartitions(ctx, 1, topic)
	check(err, "create partitions")
	check(added.Error(), "create partitions")
	var ends kadm.ListedOffsets
	eventually(func() bool {
		ends, err = tool.ListEndOffsets(ctx, topic)
		check(err, "end offsets")
		return ends.Error() == nil && len(ends[topic]) == 3
	}, "end offsets of three partitions")
	var total int64
	ends.Each(func(offset kadm.ListedOffset) { total += offset.Offset })
	expect(total, int64(50), "end offsets")
	deleted, err := tool.DeleteRecords(ctx, ends.Offsets())
	check(err, "delete records")
	check(deleted.Error(), "delete records")
	_, err = tool.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: kadm.StringPtr("1234")}}, topic)
	check(err, "alter configs")
	eventually(func() bool {
		configs, err := tool.DescribeTopicConfigs(ctx, topic)
		check(err, "describe configs")
		return slices.ContainsFunc(configs[0].Configs, func(config kadm.Config) bool { return config.Key == "retention.ms" && *config.Value == "1234" })
	}, "the new value of retention.ms")
	read(createTopicWith("g", 5), 5, kgo.ConsumerGroup(topicName("group")))
	groups, err := tool.ListGroups(ctx)
	check(err, "list groups")
	expect(slices.Contains(groups.Groups(), topicName("group")), true, "groups")
	described, err := tool.DescribeGroups(ctx, topicName("group"))
	check(err, "describe groups")
	check(described.Error(), "describe groups")
	offsets, err := tool.FetchOffsets(ctx, topicName("group"))
	check(err, "fetch offsets")
	check(offsets.Error(), "fetch offsets")
	_, err = tool.DescribeAllLogDirs(ctx, nil)
	check(err, "log dirs")
	_, err = tool.ListTransactions(ctx, nil, nil)
	check(err, "list transactions")
	_, err = tool.DeleteGroups(ctx, topicName("group"))
	check(err, "delete groups")
	_, err = tool.DeleteTopics(ctx, topic)
	check(err, "delete topics")
}

func createTopicWith(part string, count int) string {
	topic := createTopic(part, 1)
	client := connect()
	defer client.Close()
	produce(client, topic, values("v", count))
	return topic
}

func main() {
	bootstrap, prefix = os.Args[2], os.Args[3]
	deadline, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	ctx = deadline
	cases := map[string]func(){"produce": produceAndConsume, "group": group, "transactions": transactions, "exactly-once": exactlyOnce, "admin": admin}
	cases[os.Args[1]]()
}
