/** A request as code to copy. Keys and credentials are named by environment variables and never written into it. */

const LARGE = 4000;
const PICTURE = "picture.png";
const REQUEST = "request.json";

/**
 * `{curl, python, javascript}` of a POST with a JSON body. A picture in base64 is read from a file, and so is a body that
 * would not fit a terminal; `isLarge(json)` says so.
 *
 * @param {{url: string, json: any, auth: "key"|"iam"|"both", region: string}} request
 */
export function snippets(request) {
  return { curl: curl(request), python: python(request), javascript: javascript(request) };
}

/** Whether a body is read from request.json. */
export const isLarge = (json) => !isPicture(json) && JSON.stringify(json).length > LARGE;

function curl({ url, json, auth, region }) {
  const lines = [];
  if (isPicture(json)) lines.push(`(printf '{"instances": [{"image": {"b64": "'; base64 < ${PICTURE} | tr -d '\\n'; printf '"}}]}') |`);
  lines.push(`curl ${shell(url)} \\`);
  if (auth !== "iam") lines.push(`  -H "x-api-key: $ORTLESS_KEY" \\`);
  if (auth !== "key") {
    lines.push(`  --aws-sigv4 ${shell(`aws:amz:${region}:execute-api`)} \\`);
    lines.push(`  --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\`);
    lines.push(`  -H "x-amz-security-token: $AWS_SESSION_TOKEN" \\`);
  }
  lines.push(`  -H 'content-type: application/json' \\`);
  lines.push(`  --data-binary ${isPicture(json) ? "@-" : isLarge(json) ? `@${REQUEST}` : shell(JSON.stringify(json, null, 1).replace(/\n\s*/g, " "))}`);
  return lines.join("\n");
}

/** A text as one word of a POSIX shell. */
export function shell(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function python({ url, json, auth, region }) {
  const signed = auth !== "key";
  const [imports, body] = isPicture(json)
    ? [["base64", "json", "os", "urllib.request"], `{"instances": [{"image": {"b64": base64.b64encode(open("${PICTURE}", "rb").read()).decode()}}]}`]
    : [["json", "os", "urllib.request"], isLarge(json) ? `json.load(open("${REQUEST}"))` : pythonLiteral(json)];
  const headers = ['    "content-type": "application/json",'];
  if (auth !== "iam") headers.push('    "x-api-key": os.environ["ORTLESS_KEY"],');
  const sign = [
    "",
    `request = AWSRequest("POST", url, data=json.dumps(body), headers=headers)`,
    `SigV4Auth(Session().get_credentials(), "execute-api", ${literal(region ?? "")}).add_auth(request)`,
    "headers = dict(request.headers)",
  ];
  return [
    ...imports.map((name) => `import ${name}`),
    ...(signed ? ["", "from botocore.auth import SigV4Auth", "from botocore.awsrequest import AWSRequest", "from botocore.session import Session"] : []),
    "",
    `url = ${literal(url)}`,
    `body = ${body}`,
    "headers = {",
    ...headers,
    "}",
    ...(signed ? sign : []),
    "",
    "call = urllib.request.Request(url, json.dumps(body).encode(), headers)",
    "print(json.load(urllib.request.urlopen(call)))",
  ].join("\n");
}

/** A JSON value as Python writes it. */
export function pythonLiteral(value, depth = 0) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return literal(value);
  if (typeof value !== "object") return String(value);
  const isList = Array.isArray(value);
  const parts = isList ? value.map((one) => pythonLiteral(one, depth + 1)) : Object.entries(value).map(([name, one]) => `${literal(name)}: ${pythonLiteral(one, depth + 1)}`);
  const [opening, closing] = isList ? "[]" : "{}";
  const flat = `${opening}${parts.join(", ")}${closing}`;
  if (flat.length + 4 * depth < 84 && !flat.includes("\n")) return flat;
  const indent = "    ".repeat(depth + 1);
  return `${opening}\n${parts.map((part) => `${indent}${part},`).join("\n")}\n${"    ".repeat(depth)}${closing}`;
}

function javascript({ url, json, auth, region }) {
  const lines = [];
  const reads = isPicture(json) || isLarge(json);
  if (reads) lines.push('import { readFile } from "node:fs/promises";');
  if (auth !== "key") lines.push('import { AwsClient } from "aws4fetch";');
  if (lines.length) lines.push("");
  const body = isPicture(json)
    ? `{ instances: [{ image: { b64: await readFile("${PICTURE}", "base64") } }] }`
    : isLarge(json)
      ? `JSON.parse(await readFile("${REQUEST}", "utf8"))`
      : javascriptLiteral(json);
  if (auth !== "key") {
    lines.push("const aws = new AwsClient({");
    lines.push("  accessKeyId: process.env.AWS_ACCESS_KEY_ID,", "  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,", "  sessionToken: process.env.AWS_SESSION_TOKEN,");
    lines.push(`  service: "execute-api",`, `  region: ${literal(region ?? "")},`, "});", "");
  }
  const headers = ['"content-type": "application/json"', ...(auth === "iam" ? [] : ['"x-api-key": process.env.ORTLESS_KEY'])];
  lines.push(`const body = ${body};`);
  lines.push(`const response = await ${auth === "key" ? "fetch" : "aws.fetch"}(${literal(url)}, {`);
  lines.push('  method: "POST",', `  headers: { ${headers.join(", ")} },`, "  body: JSON.stringify(body),", "});");
  lines.push("console.log(await response.json());");
  return lines.join("\n");
}

/** A string literal of Python and of JavaScript alike. */
function literal(text) {
  return JSON.stringify(text);
}

function javascriptLiteral(json) {
  const flat = JSON.stringify(json);
  return flat.length < 84 ? flat : JSON.stringify(json, null, 2).replace(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, numbers) => `[${numbers.replace(/\s+/g, " ")}]`);
}

function isPicture(json) {
  return json?.instances?.length === 1 && typeof json.instances[0]?.image?.b64 === "string";
}
