// The beginning of a file of refused rows: enough to see what is wrong, whatever its size.

const MOST_BYTES = 65536;
export const MOST_ROWS = 50;

/** The first rows of a JSON Lines file. Rejects where it cannot be read. */
export async function firstRows(url, signal) {
  const answer = await fetch(url, { signal, credentials: "omit" });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return parsed((await beginning(answer.body.getReader())).split("\n")).slice(0, MOST_ROWS);
}

async function beginning(reader) {
  const decoder = new TextDecoder();
  let text = "";
  for (let taken = 0; taken < MOST_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    taken += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

function parsed(lines) {
  return lines.filter(Boolean).flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // the last line of a beginning may be cut
    }
  });
}
