module meridian/sandbox/tools/definitions

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.1
	github.com/k3s-io/helm-controller v0.17.7
	github.com/kedacore/keda/v2 v2.20.2
	sigs.k8s.io/gateway-api v1.6.1
)
