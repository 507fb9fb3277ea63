// Package sqlerr holds the one error a client sees. Every layer that finds a
// fault of the user's makes one of these; it goes up untouched and is rendered
// once, by server/pgwire.
package sqlerr

import (
	"errors"
	"fmt"
)

// Code is a SQLSTATE (PostgreSQL manual, appendix A). Drivers branch on it.
type Code string

const (
	SyntaxError           Code = "42601"
	UndefinedColumn       Code = "42703"
	AmbiguousColumn       Code = "42702"
	UndefinedTable        Code = "42P01"
	DuplicateTable        Code = "42P07"
	DuplicateColumn       Code = "42701"
	DuplicateAlias        Code = "42712"
	DuplicateObject       Code = "42710"
	UndefinedObject       Code = "42704"
	UndefinedFunction     Code = "42883"
	DatatypeMismatch      Code = "42804"
	CannotCoerce          Code = "42846"
	GroupingError         Code = "42803"
	InvalidColumnRef      Code = "42P10"
	WindowingError        Code = "42P20"
	InvalidFrame          Code = "22013"
	WrongObjectType       Code = "42809"
	InvalidDefinition     Code = "42P17"
	InvalidFunction       Code = "42P13"
	InvalidRecursion      Code = "42P19"
	DuplicateFunction     Code = "42723"
	AmbiguousFunction     Code = "42725"
	GeneratedAlways       Code = "428C9"
	InvalidName           Code = "42602"
	DependentObjects      Code = "2BP01"
	UndefinedDatabase     Code = "3D000"
	UndefinedSchema       Code = "3F000"
	DuplicateDatabase     Code = "42P04"
	UndefinedParameter    Code = "42P02"
	IndeterminateType     Code = "42P18"
	SkipToNoRow           Code = "2202K"
	SkipToFirstRow        Code = "2202L"
	InvalidParameter      Code = "22023"
	InvalidText           Code = "22P02"
	Untranslatable        Code = "22P05"
	InvalidJSON           Code = "22032"
	SeveralJSONItems      Code = "22034"
	NoJSONItem            Code = "22035"
	NoJSONScalar          Code = "2203F"
	OutOfRange            Code = "22003"
	ArraySubscript        Code = "2202E"
	DivisionByZero        Code = "22012"
	InvalidDatetime       Code = "22007"
	DatetimeOverflow      Code = "22008"
	InvalidCharacter      Code = "22021"
	StringTooLong         Code = "22001"
	NullNotAllowed        Code = "22004"
	NotNullViolation      Code = "23502"
	CardinalityViolation  Code = "21000"
	FeatureNotSupported   Code = "0A000"
	ExternalRoutine       Code = "38000"
	ObjectNotReady        Code = "55000"
	ActiveTransaction     Code = "25001"
	InFailedTransaction   Code = "25P02"
	InvalidStatementName  Code = "26000"
	InvalidCursorName     Code = "34000"
	DuplicateCursor       Code = "42P03"
	DuplicateStatement    Code = "42P05"
	TooManyConnections    Code = "53300"
	OutOfMemory           Code = "53200"
	LimitExceeded         Code = "53400"
	DiskFull              Code = "53100"
	ProgramLimit          Code = "54000"
	TooComplex            Code = "54001"
	TooManyColumns        Code = "54011"
	TooManyArguments      Code = "54023"
	QueryCanceled         Code = "57014"
	AdminShutdown         Code = "57P01"
	CannotConnectNow      Code = "57P03"
	ConnectionFailure     Code = "08006"
	CannotConnect         Code = "08001"
	ProtocolViolation     Code = "08P01"
	ReadOnly              Code = "25006"
	InvalidPassword       Code = "28P01"
	InvalidAuthorization  Code = "28000"
	InsufficientPrivilege Code = "42501"
	ReservedName          Code = "42939"
	InvalidGrant          Code = "0LP01"
	ObjectInUse           Code = "55006"
	IOError               Code = "58030"
	DataCorrupted         Code = "XX001"
	Internal              Code = "XX000"
)

// Severity is how loud a message is; an Error that is sent as a notice says so here.
type Severity string

const (
	SeverityError   Severity = "ERROR"
	SeverityFatal   Severity = "FATAL"
	SeverityWarning Severity = "WARNING"
	SeverityNotice  Severity = "NOTICE"
)

// Error is a fault or a notice as the client reads it.
type Error struct {
	Code     Code
	Severity Severity // empty means SeverityError
	Message  string
	Detail   string
	Hint     string
	// Where is what was read when it went wrong, as a line of COPY's data; psql shows it as CONTEXT.
	Where string
	// Position is the byte offset of the fault in the statement text as the user
	// sent it, plus one; 0 means unknown. server/pgwire turns bytes into characters.
	Position int
	// Cause is kept for errors.Is and the log; the client never sees it.
	Cause error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Cause }

// New makes an error with a formatted message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// At makes an error that points at a byte offset (from 0) of the user's text; offset < 0 means unknown.
func At(offset int, code Code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.Position = offset + 1
	return e
}

// Notice makes a message that does not fail the statement.
func Notice(format string, args ...any) *Error {
	return &Error{Code: "00000", Severity: SeverityNotice, Message: fmt.Sprintf(format, args...)}
}

// WithHint sets the hint and returns e, for chaining.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithDetail sets the detail and returns e, for chaining.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// WithCause keeps the error behind e and returns e.
func (e *Error) WithCause(err error) *Error {
	e.Cause = err
	return e
}

// From finds the Error in a chain; any other error becomes Internal with its text.
func From(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: Internal, Message: err.Error(), Cause: err}
}
