package client

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/executor/memory"
)

// The library makes new memory for every answer. Of answers with records, which have some megabytes each, that is cleared and
// comes cold to the processor: up to a sixth of what reading costs. So the connections of a client that only reads records have
// them read into memory that is used again. The library gets an answer without topics in their place, whose session id, which
// no request here asks for, says which answer it stands for.

const (
	fetchKey = 1
	// The first version of a fetch whose answer has a session id, and the first with tags behind its correlation id.
	fetchWithSession, fetchWithTags = 7, 12
	// spareAnswers is how many answers' memory is kept: one is worked on, one waits, one comes.
	spareAnswers = 3
)

// answers are those of the connections of one client.
type answers struct {
	mu    sync.Mutex
	spare [][]byte
	read  map[int32][]byte // by session id; not claimed yet
	last  int32            // session id
}

// answer is the memory of one that is read by some readers.
type answer struct {
	of     *answers
	memory []byte
	mu     sync.Mutex
	users  int
}

type dialer = func(ctx context.Context, network, host string) (net.Conn, error)

// readingClient is a client for fetches alone.
type readingClient struct {
	*Client
	answers *answers
}

// newReadingClient makes one that connects as another one does.
func newReadingClient(like *Client, options []Opt) (*readingClient, error) {
	a := &answers{read: map[int32][]byte{}}
	dial, ok := like.OptValue(kgo.Dialer).(dialer)
	if !ok {
		return nil, fmt.Errorf("the library's dialer is a %T", like.OptValue(kgo.Dialer))
	}
	ours := func(ctx context.Context, network, host string) (net.Conn, error) {
		c, err := dial(ctx, network, host)
		if err != nil {
			return nil, err
		}
		return &answerConn{Conn: c, answers: a, arrival: arrivalOf(c), asked: map[int32]int16{}}, nil
	}
	c, err := New(append(options[:len(options):len(options)], kgo.DialTLSConfig(nil), kgo.Dialer(ours))...)
	return &readingClient{c, a}, err
}

// ask makes a request. The answer's memory is the caller's to give back; nil: it is garbage like any other.
func (c *readingClient) ask(ctx context.Context, broker int32, r *kmsg.FetchRequest) (*kmsg.FetchResponse, *answer, error) {
	got, err := c.Broker(int(broker)).Request(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	return c.answers.claim(got.(*kmsg.FetchResponse))
}

// memory gives so many bytes, whatever is in them.
func (a *answers) memory(size int) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, m := range a.spare {
		if cap(m) >= size {
			a.spare = slices.Delete(a.spare, i, i+1)
			return m[:size]
		}
	}
	return memory.LargePaged(make([]byte, size, size+size/8))
}

// keep takes an answer until it is claimed.
func (a *answers) keep(memory []byte) (session int32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = max(1, a.last+1)
	a.read[a.last] = memory
	return a.last
}

// claim gives the answer that the library's stands for. One that was not read here is what it is.
func (a *answers) claim(got *kmsg.FetchResponse) (*kmsg.FetchResponse, *answer, error) {
	a.mu.Lock()
	memory, ok := a.read[got.SessionID]
	delete(a.read, got.SessionID)
	a.mu.Unlock()
	if !ok {
		return got, nil, nil
	}
	out := kmsg.NewPtrFetchResponse()
	out.SetVersion(got.Version)
	err := out.ReadFrom(behindTags(memory, got.Version))
	return out, &answer{of: a, memory: memory}, err
}

// behindTags is an answer behind the tags of its header: their number, and of each its key, its size and as many bytes.
func behindTags(b []byte, version int16) []byte {
	if version < fetchWithTags {
		return b
	}
	number := func() (n uint64) {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			b = nil
			return 0
		}
		b = b[size:]
		return n
	}
	for tags := number(); tags > 0 && len(b) > 0; tags-- {
		number()
		b = b[min(number(), uint64(len(b))):]
	}
	return b
}

// lend gives the memory to all that is read of it. It comes back when each is done; never, if one is given up.
func (a *answer) lend(out []Fetched) {
	if a == nil {
		return
	}
	for i := range out {
		if out[i].Records != nil {
			out[i].memory = a
			a.users++
		}
	}
	if a.users == 0 {
		a.of.recycle(a.memory)
	}
}

// done says that a reader reads no more.
func (a *answer) done() {
	a.mu.Lock()
	a.users--
	last := a.users == 0
	a.mu.Unlock()
	if last {
		a.of.recycle(a.memory)
	}
}

// recycle keeps memory for an answer to come, the smallest in front; that goes if there is too much.
func (a *answers) recycle(memory []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spare = append(a.spare, memory)
	slices.SortFunc(a.spare, func(x, y []byte) int { return cap(x) - cap(y) })
	a.spare = slices.Delete(a.spare, 0, max(0, len(a.spare)-spareAnswers))
}

// answerConn is a connection of which one goroutine reads and another one writes, each request by one call.
type answerConn struct {
	net.Conn
	answers *answers
	arrival arrival
	mu      sync.Mutex
	asked   map[int32]int16 // fetches under way: their version by correlation id
	ahead   []byte          // for the library
	rest    int             // bytes of the connection that are the library's, behind these
	head    [8]byte         // of an answer: size, correlation id
}

// Write implements net.Conn. A request is its size, then key, version and correlation id.
func (c *answerConn) Write(b []byte) (int, error) {
	be := binary.BigEndian
	if len(b) >= 12 && int(be.Uint32(b)) == len(b)-4 && be.Uint16(b[4:]) == fetchKey {
		if version := int16(be.Uint16(b[6:])); version >= fetchWithSession {
			c.mu.Lock()
			c.asked[int32(be.Uint32(b[8:]))] = version
			c.mu.Unlock()
		}
	}
	return c.Conn.Write(b)
}

// Read implements net.Conn.
func (c *answerConn) Read(b []byte) (int, error) {
	if len(c.ahead) == 0 && c.rest == 0 {
		if err := c.begin(); err != nil {
			return 0, err
		}
	}
	if len(c.ahead) > 0 {
		n := copy(b, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	n, err := c.Conn.Read(b[:min(len(b), c.rest)])
	c.rest -= n
	return n, err
}

// begin reads where an answer begins, and all of it if it is one to a fetch.
func (c *answerConn) begin() error {
	if _, err := io.ReadFull(c.Conn, c.head[:]); err != nil {
		return err
	}
	size, id := int(int32(binary.BigEndian.Uint32(c.head[:]))), int32(binary.BigEndian.Uint32(c.head[4:]))
	c.mu.Lock()
	version, fetch := c.asked[id]
	delete(c.asked, id)
	c.mu.Unlock()
	if !fetch || size < 16 || size > maxAnswer {
		c.ahead, c.rest = c.head[:], max(0, size-4)
		return nil
	}
	memory := c.answers.memory(size - 4)
	if err := c.fill(memory); err != nil {
		return err
	}
	c.ahead = c.standIn(version, memory)
	return nil
}

// fill reads an answer.
func (c *answerConn) fill(memory []byte) error {
	defer c.arrival.await(1)
	for len(memory) > 0 {
		c.arrival.await(len(memory))
		n, err := c.Conn.Read(memory)
		if memory = memory[n:]; err != nil && len(memory) > 0 {
			return err
		}
	}
	return nil
}

// maxAnswer is beyond what brokers send, and what the library takes.
const maxAnswer = 100 << 20

// standIn is the answer that the library gets, with the time for which the broker wants to be left alone.
func (c *answerConn) standIn(version int16, memory []byte) []byte {
	r := kmsg.NewPtrFetchResponse()
	r.SetVersion(version)
	if b := behindTags(memory, version); len(b) >= 4 {
		r.ThrottleMillis = int32(binary.BigEndian.Uint32(b))
	}
	r.SessionID = c.answers.keep(memory)
	out := append(make([]byte, 0, 64), c.head[:]...)
	if version >= fetchWithTags {
		out = append(out, 0)
	}
	out = r.AppendTo(out)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}
