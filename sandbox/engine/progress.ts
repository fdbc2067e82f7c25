const interactive = process.stderr.isTTY && !process.env["NO_COLOR"] && !process.env["CI"];

/**
 * Tells the user that a long piece of work goes on: on a terminal one line with the seconds counted up, elsewhere a
 * line at the start, one each half minute, and one at the end. Everything goes to standard error.
 */
export async function withProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  const show = (text: string, end = "\n") =>
    process.stderr.write(interactive ? `\r\u001B[K${text}${end}` : `${text}\n`);
  show(`… ${title}`, "");
  const timer = setInterval(
    () => show(`… ${title} (${seconds()} s)`, ""),
    interactive ? 1000 : 30_000,
  );
  try {
    const result = await work();
    show(`✓ ${title} (${seconds()} s)`);
    return result;
  } catch (error) {
    show(`✗ ${title} (${seconds()} s)`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
