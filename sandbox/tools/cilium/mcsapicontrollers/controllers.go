// Package controllers stands in for the module of that name, which the module proxy does not serve. Cilium takes one
// constant from it, for the Multi-Cluster Services API, which the sandbox leaves off.
package controllers

// DerivedServiceAnnotation names the Service that a ServiceImport is backed by.
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
