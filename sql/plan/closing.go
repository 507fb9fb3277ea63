package plan

// Closing is an operator that gives the results of a window, or the last of them, when the watermark has reached its end.
type Closing interface {
	Op
	// Closes is the window.
	Closes() Window
}

// Closes implements Closing.
func (o *WindowAggregate) Closes() Window { return o.Window }

// Closes implements Closing.
func (o *WindowUpdates) Closes() Window { return o.Window }

// Closes implements Closing.
func (o *SessionAggregate) Closes() Window { return o.Window }

// Closes implements Closing.
func (o *SessionUpdates) Closes() Window { return o.Window }
