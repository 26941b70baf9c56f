// Answers what client-go and Go's proxy rules make of kubeconfigs, environments, identities and names: one JSON list of
// questions on stdin, one JSON list of answers on stdout.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
	"k8s.io/apimachinery/pkg/api/validation/path"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/transport"
)

type question struct {
	Op      string
	URL     string
	Env     map[string]string
	Files   []string
	Context string
	User    string
	Groups  []string
	UID     string
	Extra   map[string][]string
	Name    string
	Headers []string
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]any, len(questions))
	for i, q := range questions {
		value, err := answer(q)
		if err != nil {
			answers[i] = map[string]any{"error": err.Error()}
		} else {
			answers[i] = map[string]any{"value": value}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func answer(q question) (any, error) {
	switch q.Op {
	case "proxy":
		return proxy(q)
	case "kubeconfig":
		return kubeconfig(q)
	case "impersonate":
		return impersonate(q)
	case "segment":
		return len(path.IsValidPathSegmentName(q.Name)) == 0 && q.Name != "", nil
	case "warnings":
		texts := []string{}
		found, _ := utilnet.ParseWarningHeaders(q.Headers)
		for _, one := range found {
			if one.Code == 299 {
				texts = append(texts, one.Text)
			}
		}
		return texts, nil
	}
	return nil, fmt.Errorf("unknown op %q", q.Op)
}

func proxy(q question) (any, error) {
	config := httpproxy.Config{HTTPProxy: q.Env["HTTP_PROXY"], HTTPSProxy: q.Env["HTTPS_PROXY"], NoProxy: q.Env["NO_PROXY"]}
	target, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	found, err := config.ProxyFunc()(target)
	if err != nil || found == nil {
		return "", err
	}
	return found.String(), nil
}

func kubeconfig(q question) (any, error) {
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: q.Files}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: q.Context}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, err
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, err
	}
	return describe(config, namespace), nil
}

func describe(config *rest.Config, namespace string) map[string]any {
	described := map[string]any{
		"server": config.Host, "namespace": namespace, "skipVerify": config.Insecure, "serverName": config.ServerName,
		"caFile": config.CAFile, "ca": string(config.CAData), "certFile": config.CertFile, "cert": string(config.CertData),
		"keyFile": config.KeyFile, "key": string(config.KeyData), "token": config.BearerToken, "tokenFile": config.BearerTokenFile,
		"username": config.Username, "password": config.Password, "as": config.Impersonate.UserName,
		"asGroups": append([]string{}, config.Impersonate.Groups...), "asUid": config.Impersonate.UID, "proxy": "", "command": "",
	}
	if config.Proxy != nil {
		if found, err := config.Proxy(&http.Request{}); err == nil && found != nil {
			described["proxy"] = found.String()
		}
	}
	if config.ExecProvider != nil {
		described["command"] = config.ExecProvider.Command
		described["args"] = append([]string{}, config.ExecProvider.Args...)
	}
	return described
}

type recorder struct{ header http.Header }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.header = request.Header
	return nil, http.ErrNotSupported
}

func impersonate(q question) (any, error) {
	seen := &recorder{}
	config := transport.ImpersonationConfig{UserName: q.User, Groups: q.Groups, UID: q.UID, Extra: q.Extra}
	request, err := http.NewRequest(http.MethodGet, "https://h/", nil)
	if err != nil {
		return nil, err
	}
	_, _ = transport.NewImpersonatingRoundTripper(config, seen).RoundTrip(request)
	return seen.header, nil
}
