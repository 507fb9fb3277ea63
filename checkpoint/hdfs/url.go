package hdfs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/user"
	"slipway/checkpoint"
	"slipway/conf"
	"strings"

	"github.com/colinmarc/hdfs/v2/hadoopconf"
)

// defaultPort of a name node's RPC.
const defaultPort = "8020"

// OpenURL is checkpoint.OpenStorage for hdfs://…, with the sign-in that the settings tell.
func OpenURL(ctx context.Context, url string, cfg *conf.Values) (checkpoint.ClosingStorage, error) {
	o, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if p := conf.HDFSPrincipal.Get(cfg); p != "" {
		o.Kerberos = &Kerberos{Principal: p, Keytab: conf.HDFSKeytab.Get(cfg), Krb5Conf: conf.HDFSKrb5Conf.Get(cfg), Service: conf.HDFSService.Get(cfg)}
	}
	return New(ctx, o)
}

// ParseURL reads hdfs://name-node[:port][,second[:port]]/directory. A name without a
// port that HADOOP_CONF_DIR (or HADOOP_HOME) knows as a name service stands for the
// name nodes of it. The user is HADOOP_USER_NAME, else this process's.
func ParseURL(where string) (Options, error) {
	rest, ok := strings.CutPrefix(where, "hdfs://")
	authority, directory, _ := strings.Cut(rest, "/")
	if !ok || directory == "" {
		return Options{}, fmt.Errorf("%q is not hdfs://host:port/directory", where)
	}
	o := Options{Root: "/" + strings.Trim(directory, "/"), User: userName()}
	site, err := hadoopconf.LoadFromEnvironment()
	if err != nil {
		return o, fmt.Errorf("reading the Hadoop configuration of HADOOP_CONF_DIR: %w", err)
	}
	if authority == "" { // the default file system
		authority = strings.TrimPrefix(site["fs.defaultFS"], "hdfs://")
		if authority == "" {
			return o, fmt.Errorf("%q names no name node, and there is no fs.defaultFS in HADOOP_CONF_DIR", where)
		}
	}
	for _, host := range strings.Split(authority, ",") {
		o.Addresses = append(o.Addresses, nameNodes(site, host)...)
	}
	return o, nil
}

// nameNodes resolves a name service, or gives the host its port.
func nameNodes(site hadoopconf.HadoopConf, host string) (out []string) {
	for _, node := range strings.Split(site["dfs.ha.namenodes."+host], ",") {
		if address := site["dfs.namenode.rpc-address."+host+"."+strings.TrimSpace(node)]; address != "" {
			out = append(out, address)
		}
	}
	if len(out) > 0 {
		return out
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, defaultPort)
	}
	return []string{host}
}

func userName() string {
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name
	}
	u, err := user.Current()
	if err != nil {
		return "slipway"
	}
	return u.Username
}
