package pgwire

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// rowsOf reads everything, a byte at a time.
func rowsOf(data string, form CopyForm) (out []string, err error) {
	r := NewCopyRows(iotest.OneByteReader(strings.NewReader(data)), &form, []string{"a", "b"}, []uint32{types.OIDInt4, types.OIDText})
	for {
		fields, err := r.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		var cells []string
		for _, f := range fields {
			if f.Null {
				cells = append(cells, "∅")
			} else {
				cells = append(cells, string(f.Text))
			}
		}
		out = append(out, fmt.Sprintf("%d:%s", r.Line(), strings.Join(cells, "|")))
	}
}

// TestCopyRows: rows as PostgreSQL reads them, and its errors where it has them.
func TestCopyRows(t *testing.T) {
	header, match, odd := CSVForm, CSVForm, CSVForm
	header.Header, match.Header, match.Match = true, true, true
	odd.Delimiter, odd.Quote, odd.Escape, odd.Null = ';', '\'', '\\', "-"
	const head = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	for _, c := range []struct {
		form CopyForm
		data string
		want string // rows, or an error with its place
	}{
		{TextForm, "1\tx\n2\t\\N\n", "1:1|x 2:2|∅"}, {TextForm, "1\tx\r\n2\ty", "1:1|x 2:2|y"}, {TextForm, "", ""}, {TextForm, "1\t\n", "1:1|"},
		{TextForm, `1	a\tb\nc\\\x41\101\q` + "\n", "1:1|a\tb\nc\\AAq"}, {TextForm, "1\ta\\\nb\n2\tc\n", "1:1|a\nb 3:2|c"}, {TextForm, "1\tx\n\\.\nrest", "1:1|x"},
		{TextForm, "1\t\\\\N\n", `1:1|\N`}, {TextForm, "1\t\\n\\xzz\n", "1:1|\nxzz"},
		{TextForm, "1\n", `22P04 missing data for column "b" COPY, line 1`}, {TextForm, "1\tx\ty\n", `22P04 extra data after last expected column COPY, line 1`},
		{TextForm, "1\tx\n2\t\xff\n", `22021 invalid byte sequence for encoding "UTF8" COPY, line 2, column b`}, {TextForm, "1\tx\n\n", `22P04 missing data for column "b" COPY, line 2`},
		{CSVForm, "1,x\n2,\n3,\"\"\n", "1:1|x 2:2|∅ 3:3|"}, {CSVForm, "1,\"a \"\"b\"\"\nc,\"\n2,y", "1:1|a \"b\"\nc, 3:2|y"}, {CSVForm, "1,x\n\\.\n", "1:1|x"}, {CSVForm, "1,a\"b,c\"d\r\n", "1:1|ab,cd"},
		{CSVForm, "1,\"x\n", `22P04 unterminated CSV quoted field COPY, line 1`}, {header, "h,i\n1,x\n", "2:1|x"}, {match, "a,b\n1,x\n", "2:1|x"},
		{match, "a,c\n1,x\n", `22P04 column name mismatch in header line field 2: got "c", expected "b" COPY, line 1`}, {odd, "1;'a\\'b'\n2;-\n", "1:1|a'b 2:2|∅"},
		{BinaryForm, head + "\x00\x02\x00\x00\x00\x04\x00\x00\x00\x07\x00\x00\x00\x01x\x00\x02\x00\x00\x00\x04\x00\x00\x00\x08\xff\xff\xff\xff\xff\xff", "1:7|x 2:8|∅"},
		{BinaryForm, "PGCOPX", `22P04 COPY file signature not recognized COPY, row 0`}, {BinaryForm, head + "\x00\x03", `22P04 row field count is 3, expected 2 COPY, row 1`},
		{BinaryForm, head + "\x00\x02\x00\x00\x00\x04\x00", `22P04 unexpected EOF in COPY data COPY, row 1`}, {BinaryForm, head + "\xff\xffx", `22P04 received copy data after EOF marker COPY, row 1`},
		{BinaryForm, head + "\x00\x02\x00\x00\x00\x05\x00\x00\x00\x07\x00", `22P03 incorrect binary data format of a parameter of type 23 COPY, row 1, column a`}, {BinaryForm, head + "\x00\x02\xff\xff\xff\x00", `22P04 invalid field size -256 COPY, row 1`},
	} {
		rows, err := rowsOf(c.data, c.form)
		got := strings.Join(rows, " ")
		if err != nil {
			e := sqlerr.From(err)
			got = fmt.Sprintf("%s %s %s", e.Code, e.Message, e.Where)
		}
		if got != c.want {
			t.Errorf("%q gave %q, want %q", c.data, got, c.want)
		}
	}
}

// FuzzCopyRows: any bytes give rows or an error of the user's.
func FuzzCopyRows(f *testing.F) {
	f.Add("1\tx\n\\.\n", 0)
	f.Add("1,\"x\"\n", 1)
	f.Add("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00\x07\xff\xff\xff\xff\xff\xff", 2)
	f.Fuzz(func(t *testing.T, data string, form int) {
		if _, err := rowsOf(data, []CopyForm{TextForm, CSVForm, BinaryForm}[uint(form)%3]); err != nil && sqlerr.From(err).Code == sqlerr.Internal {
			t.Fatalf("%q gave %v", data, err)
		}
	})
}
