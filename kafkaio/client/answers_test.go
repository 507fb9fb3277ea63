package client

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/records"
)

// wire is a connection of a client for fetches whose other end answers as it is told.
type wire struct {
	*testing.T
	conn   *answerConn
	broker net.Conn
	ids    int32
}

func newWire(t *testing.T) *wire {
	near, far := net.Pipe()
	return wireBetween(t, near, far)
}

func wireBetween(t *testing.T, near, far net.Conn) *wire {
	t.Cleanup(func() { near.Close(); far.Close() })
	a := &answers{read: map[int32][]byte{}}
	return &wire{T: t, conn: &answerConn{Conn: near, answers: a, arrival: arrivalOf(near), asked: map[int32]int16{}}, broker: far}
}

// sockets are both ends of a connection of the system.
func sockets(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// frame is a message behind its size.
func frame(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// ask writes a request, and gives its correlation id.
func (w *wire) ask(r kmsg.Request, version int16) int32 {
	w.Helper()
	w.ids++
	r.SetVersion(version)
	request := kmsg.NewRequestFormatter().AppendRequest(nil, r, w.ids)
	go w.conn.Write(request)
	if _, err := io.ReadFull(w.broker, make([]byte, len(request))); err != nil {
		w.Fatal(err)
	}
	return w.ids
}

// answered is what the library reads when the broker sends an answer, in pieces of some bytes.
func (w *wire) answered(message []byte, piece int) []byte {
	w.Helper()
	go func() {
		for b := frame(message); len(b) > 0; {
			n := min(piece, len(b))
			w.broker.Write(b[:n])
			b = b[n:]
		}
	}()
	var size [4]byte
	if _, err := io.ReadFull(w.conn, size[:]); err != nil {
		w.Fatal(err)
	}
	got := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(w.conn, got); err != nil {
		w.Fatal(err)
	}
	return got
}

// answerWith is an answer with records of one partition.
func answerWith(version int16, id int32, records []byte) []byte {
	p := kmsg.NewFetchResponseTopicPartition()
	p.RecordBatches, p.HighWatermark = records, 77
	topic := kmsg.NewFetchResponseTopic()
	topic.Topic, topic.TopicID, topic.Partitions = "t", [16]byte{1}, []kmsg.FetchResponseTopicPartition{p}
	r := kmsg.NewPtrFetchResponse()
	r.SetVersion(version)
	r.ThrottleMillis, r.Topics = 5, []kmsg.FetchResponseTopic{topic}
	out := binary.BigEndian.AppendUint32(nil, uint32(id))
	if version >= fetchWithTags {
		out = append(out, 1, 9, 2, 'x', 'y') // a tag of the header, which nobody knows
	}
	return r.AppendTo(out)
}

// TestAnswersLieInMemoryUsedAgain: the library gets an answer without records in the place of one that is claimed.
func TestAnswersLieInMemoryUsedAgain(t *testing.T) {
	for _, version := range []int16{7, 11, 12, 13, 16} {
		w := newWire(t)
		var before *byte
		for round, size := range []int{5000, 4000, 5000} {
			records := bytes.Repeat([]byte{byte(round + 1)}, size)
			id := w.ask(kmsg.NewPtrFetchRequest(), version)
			got := w.answered(answerWith(version, id, records), 700)
			if len(got) > 100 || int32(binary.BigEndian.Uint32(got)) != id {
				t.Fatalf("version %d: the library gets %d bytes of answer %v, want a few of %d", version, len(got), got[:4], id)
			}
			standIn := kmsg.NewPtrFetchResponse()
			standIn.SetVersion(version)
			if err := standIn.ReadFrom(behindTags(got[4:], version)); err != nil || standIn.ThrottleMillis != 5 || len(standIn.Topics) > 0 {
				t.Fatalf("version %d: %v, %+v", version, err, standIn)
			}
			r, memory, err := w.conn.answers.claim(standIn)
			if err != nil || len(r.Topics) != 1 || !bytes.Equal(r.Topics[0].Partitions[0].RecordBatches, records) || r.Topics[0].Partitions[0].HighWatermark != 77 {
				t.Fatalf("version %d: %v, %+v", version, err, r)
			}
			if first := &memory.memory[0]; round > 0 && first != before {
				t.Errorf("version %d: answer %d has memory of its own", version, round)
			} else {
				before = first
			}
			memory.lend(nil)
			if again, memory, _ := w.conn.answers.claim(standIn); again != standIn || memory != nil {
				t.Errorf("version %d: an answer is claimed twice", version)
			}
		}
	}
}

// TestAnswersAreReadWhole: whatever they have of the bytes that are waited for, and in whatever pieces they come; what comes behind
// them is not waited for.
func TestAnswersAreReadWhole(t *testing.T) {
	near, far := sockets(t)
	w := wireBetween(t, near, far)
	w.conn.SetDeadline(time.Now().Add(20 * time.Second))
	for _, size := range []int{17, waitBytes - 100, waitBytes, 3*waitBytes + 12_345, 5} {
		for _, piece := range []int{100_000, waitBytes + 1, 10 * waitBytes} {
			records := bytes.Repeat([]byte{byte(size), byte(piece)}, size)
			id := w.ask(kmsg.NewPtrFetchRequest(), 13)
			standIn := kmsg.NewPtrFetchResponse()
			standIn.SetVersion(13)
			if err := standIn.ReadFrom(behindTags(w.answered(answerWith(13, id, records), piece)[4:], 13)); err != nil {
				t.Fatal(err)
			}
			r, memory, err := w.conn.answers.claim(standIn)
			if err != nil || !bytes.Equal(r.Topics[0].Partitions[0].RecordBatches, records) {
				t.Fatalf("%d bytes in pieces of %d: %v", size, piece, err)
			}
			memory.lend(nil)
		}
	}
}

// TestBrokenAnswer: a connection that ends within an answer is an error at once, though fewer bytes came than are waited for.
func TestBrokenAnswer(t *testing.T) {
	near, far := sockets(t)
	w := wireBetween(t, near, far)
	w.conn.SetDeadline(time.Now().Add(20 * time.Second))
	message := answerWith(13, w.ask(kmsg.NewPtrFetchRequest(), 13), make([]byte, 2*waitBytes))
	far.Write(frame(message)[:waitBytes/2])
	far.Close()
	if _, err := w.conn.Read(make([]byte, 4)); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// TestOtherAnswersPass: those to other requests, and those to a fetch of a version without session ids, reach the library as they are.
func TestOtherAnswersPass(t *testing.T) {
	w := newWire(t)
	old := w.ask(kmsg.NewPtrFetchRequest(), fetchWithSession-1)
	other := w.ask(kmsg.NewPtrApiVersionsRequest(), 3)
	fetch := w.ask(kmsg.NewPtrFetchRequest(), 13)
	for _, want := range [][]byte{answerWith(fetchWithSession-1, old, make([]byte, 3000)), append(binary.BigEndian.AppendUint32(nil, uint32(other)), make([]byte, 20)...),
		binary.BigEndian.AppendUint32(nil, uint32(fetch))} { // the last is too short to be one
		if got := w.answered(want, 11); !bytes.Equal(got, want) {
			t.Errorf("%d bytes come as %d", len(want), len(got))
		}
	}
	if len(w.conn.answers.read) > 0 {
		t.Error("an answer waits to be claimed")
	}
}

// TestMemoryComesBackWhenAllAreDone: once, also if a reader says it twice; and of all that comes back the largest are kept.
func TestMemoryComesBackWhenAllAreDone(t *testing.T) {
	of := &answers{}
	a := &answer{of: of, memory: make([]byte, 10)}
	out := []Fetched{{Records: records.NewReader(nil, 0, nil, nil)}, {}, {Records: records.NewReader(nil, 0, nil, nil)}}
	a.lend(out)
	for i, back := range []int{0, 0, 1} {
		out[i].Done()
		out[i].Done()
		if len(of.spare) != back {
			t.Errorf("after %d of 3 %d are back, want %d", i+1, len(of.spare), back)
		}
	}
	for n := range 2 * spareAnswers {
		of.recycle(make([]byte, 20+n))
	}
	largest := 20 + 2*spareAnswers - 1
	if got := of.memory(largest); len(of.spare) != spareAnswers-1 || cap(got) != largest {
		t.Errorf("%d are kept, and one has %d bytes, want %d", len(of.spare), cap(got), largest)
	}
}
