package ast

import "slipway/conf"

// SecretFrom says where the value of a secret is.
type SecretFrom string

const (
	// SecretValue is AS 'value': the catalog has it, sealed.
	SecretValue SecretFrom = "value"
	// SecretEnvironment is FROM ENVIRONMENT 'NAME'.
	SecretEnvironment SecretFrom = "environment"
	// SecretFile is FROM FILE '/path'.
	SecretFile SecretFrom = "file"
)

// SecretSource is AS 'value' | FROM ENVIRONMENT 'NAME' | FROM FILE '/path'.
type SecretSource struct {
	From SecretFrom
	Pos  int
	// Value is that of AS; String prints it as ******, so the normal form does not parse back.
	Value conf.Secret
	// Place is the variable's name, or the file's path.
	Place string
}

func (s SecretSource) String() string {
	switch s.From {
	case SecretEnvironment:
		return "FROM ENVIRONMENT " + QuoteString(s.Place)
	case SecretFile:
		return "FROM FILE " + QuoteString(s.Place)
	}
	return "AS '" + conf.Hidden + "'"
}

// CreateSecret is CREATE SECRET [IF NOT EXISTS] name AS … | FROM ….
type CreateSecret struct {
	Source
	IfNotExists bool
	Name        Ident
	Is          SecretSource
}

// AlterSecret is ALTER SECRET name AS … | FROM ….
type AlterSecret struct {
	Source
	Name Ident
	Is   SecretSource
}

// DropSecret is DROP SECRET [IF EXISTS] name, ….
type DropSecret struct {
	Source
	IfExists bool
	Names    []Ident
}

// ShowSecrets is SHOW SECRETS [LIKE 's'].
type ShowSecrets struct {
	Source
	Like *string
}

var _ = written("SHOW SECRETS", Form{Clause: MayHaveLike, Make: func(like *string, _ *Name) Statement { return &ShowSecrets{Like: like} }})

// Tag is CREATE SECRET.
func (*CreateSecret) Tag() string { return "CREATE SECRET" }

// Tag is ALTER SECRET.
func (*AlterSecret) Tag() string { return "ALTER SECRET" }

// Tag is DROP SECRET.
func (*DropSecret) Tag() string { return "DROP SECRET" }

// Tag is SHOW.
func (*ShowSecrets) Tag() string { return "SHOW" }

func (s *CreateSecret) String() string {
	return "CREATE SECRET " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String() + " " + s.Is.String()
}

func (s *AlterSecret) String() string { return "ALTER SECRET " + s.Name.String() + " " + s.Is.String() }

func (s *DropSecret) String() string {
	return "DROP SECRET " + optional(s.IfExists, "IF EXISTS ") + joined(s.Names, Ident.String)
}

func (s *ShowSecrets) String() string { return withLike("SHOW SECRETS", s.Like) }
