/** Ends this process when its parent is gone: a killed engine cannot end its plugins, which would outlive it for ever. */
export function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 500).unref();
}
