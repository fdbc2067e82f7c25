// oxlint-disable-next-line import/no-unassigned-import -- must run before the library loads
import "./reflection";

export * from "@peculiar/x509";
