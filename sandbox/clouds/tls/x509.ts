// oxlint-disable-next-line import/no-unassigned-import -- the library below refuses to load without it
import "reflect-metadata";

export * from "@peculiar/x509";
