import { defineConfig } from "vitest/config";

const slow = "test/**/*.sandbox.test.ts";

export default defineConfig({
  test: {
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [slow],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "sandbox",
          globalSetup: "test/support/builtPrograms.ts",
          include: [slow],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
