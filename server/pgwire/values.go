package pgwire

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// The values of PostgreSQL's types, as its send and receive functions have them.

const (
	secondsOfDay = 24 * 60 * 60
	microsOfDay  = secondsOfDay * 1e6
)

// sizes are the bytes of the types of fixed width.
var sizes = map[uint32]int{types.OIDBool: 1, types.OIDInt2: 2, types.OIDInt4: 4, types.OIDInt8: 8, types.OIDFloat4: 4, types.OIDFloat8: 8, types.OIDDate: 4,
	types.OIDTimestamp: 8, types.OIDTimestamptz: 8, types.OIDTime: 8, types.OIDInterval: 16, types.OIDUUID: 16, types.OIDOid: 4}

// pgEpoch is 2000-01-01, from which binary times count.
var pgEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// The times that have a text, counted from pgEpoch.
var (
	firstMicro = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - pgEpoch.UnixMicro()
	lastMicro  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - pgEpoch.UnixMicro() - 1
)

// fromBinary gives a parameter in binary form as text.
func fromBinary(b []byte, oid uint32) (string, error) {
	wrong := func() (string, error) {
		return "", sqlerr.New("22P03", "incorrect binary data format of a parameter of type %d", oid)
	}
	if element := types.ElementOID(oid); element != 0 {
		return arrayText(b, element)
	}
	if size := sizes[oid]; size != 0 && len(b) != size {
		return wrong()
	}
	switch oid {
	case types.OIDBool:
		return strconv.FormatBool(b[0] != 0), nil
	case types.OIDInt2:
		return strconv.Itoa(int(int16(binary.BigEndian.Uint16(b)))), nil
	case types.OIDInt4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(b)))), nil
	case types.OIDOid:
		return strconv.FormatUint(uint64(binary.BigEndian.Uint32(b)), 10), nil
	case types.OIDInt8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10), nil
	case types.OIDFloat4:
		return strconv.FormatFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 'g', -1, 32), nil
	case types.OIDFloat8:
		return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), 'g', -1, 64), nil
	case types.OIDDate:
		days := int64(int32(binary.BigEndian.Uint32(b)))
		if days < firstMicro/microsOfDay || days > lastMicro/microsOfDay {
			return "", sqlerr.New(sqlerr.InvalidDatetime, "a parameter's date is infinity, or not within the years 1 to 9999")
		}
		return pgEpoch.AddDate(0, 0, int(days)).Format("2006-01-02"), nil
	case types.OIDTimestamp, types.OIDTimestamptz:
		micros := int64(binary.BigEndian.Uint64(b))
		if micros < firstMicro || micros > lastMicro { // also infinity
			return "", sqlerr.New(sqlerr.InvalidDatetime, "a parameter's time is infinity, or not within the years 1 to 9999")
		}
		layout := "2006-01-02 15:04:05.999999"
		if oid == types.OIDTimestamptz {
			layout += "Z07:00"
		}
		return time.UnixMicro(pgEpoch.UnixMicro() + micros).UTC().Format(layout), nil
	case types.OIDTime:
		return timeText(b)
	case types.OIDInterval:
		return intervalText(b), nil
	case types.OIDUUID:
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
	case types.OIDNumeric:
		if text, ok := numericText(b); ok {
			return text, nil
		}
	case types.OIDText, types.OIDVarchar, types.OIDBpchar, types.OIDJSON, types.OIDUnknown:
		return string(b), nil
	case types.OIDBytea:
		return `\x` + hex.EncodeToString(b), nil
	}
	return wrong()
}

// AppendBinary appends the binary form of a value that is there as text.
func AppendBinary(dst []byte, text string, oid uint32) ([]byte, error) {
	bad := func(err error) ([]byte, error) {
		return dst, sqlerr.New(sqlerr.Internal, "value %q has no binary form of type %d: %v", text, oid, err)
	}
	switch oid {
	case types.OIDBool:
		return AppendBool(dst, text == "t" || text == "true"), nil
	case types.OIDInt2, types.OIDInt4, types.OIDInt8:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return bad(err)
		}
		return AppendInt(dst, n, sizes[oid]), nil
	case types.OIDFloat4, types.OIDFloat8:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return bad(err)
		}
		return AppendFloat(dst, f, sizes[oid]), nil
	case types.OIDDate:
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			return bad(err)
		}
		return AppendDate(dst, t.Unix()/secondsOfDay), nil
	case types.OIDTimestamp, types.OIDTimestamptz:
		t, err := time.Parse("2006-01-02 15:04:05.999999", text)
		if err != nil {
			return bad(err)
		}
		return AppendTimestamp(dst, t.UnixMicro()), nil
	case types.OIDNumeric:
		return AppendNumeric(dst, text), nil
	}
	return append(dst, text...), nil
}

// AppendNumeric writes NUMERIC's binary form: groups of four decimal digits.
func AppendNumeric(dst []byte, text string) []byte {
	sign := uint16(0)
	if strings.HasPrefix(text, "-") {
		sign, text = 0x4000, text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	scale := len(fraction)
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	fraction += strings.Repeat("0", (4-len(fraction)%4)%4)
	digits := whole + fraction
	weight := len(whole)/4 - 1
	var groups []uint16
	for i := 0; i < len(digits); i += 4 {
		n, _ := strconv.Atoi(digits[i : i+4])
		groups = append(groups, uint16(n))
	}
	for len(groups) > 0 && groups[0] == 0 {
		groups, weight = groups[1:], weight-1
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	if len(groups) == 0 {
		weight = 0
	}
	for _, v := range []uint16{uint16(len(groups)), uint16(int16(weight)), sign, uint16(scale)} {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	for _, g := range groups {
		dst = binary.BigEndian.AppendUint16(dst, g)
	}
	return dst
}

// AppendBool appends a BOOLEAN in binary form.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendInt appends an integer of 2, 4 or 8 bytes.
func AppendInt(dst []byte, n int64, size int) []byte {
	switch size {
	case 2:
		return binary.BigEndian.AppendUint16(dst, uint16(n))
	case 4:
		return binary.BigEndian.AppendUint32(dst, uint32(n))
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n))
}

// AppendFloat appends a floating-point number of 4 or 8 bytes.
func AppendFloat(dst []byte, f float64, size int) []byte {
	if size == 4 {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f)))
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
}

// AppendDate appends a DATE given in days since 1970.
func AppendDate(dst []byte, days int64) []byte {
	return AppendInt(dst, days-pgEpoch.Unix()/secondsOfDay, 4)
}

// AppendTimestamp appends a TIMESTAMP given in microseconds since 1970.
func AppendTimestamp(dst []byte, micros int64) []byte {
	return AppendInt(dst, micros-pgEpoch.UnixMicro(), 8)
}

// AppendInterval appends an INTERVAL: microseconds, days, months.
func AppendInterval(dst []byte, months, days, micros int64) []byte {
	return AppendInt(AppendInt(AppendInt(dst, micros, 8), days, 4), months, 4)
}
