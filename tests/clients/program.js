// The same program as test_official_clients.py's `python_program`, with the JavaScript SDK: it prints its report as JSON.
// node program.js FORM URL ACCOUNT_SID AUTH_TOKEN

const twilio = require("twilio");

const [form, url, accountSid, authToken] = process.argv.slice(2);
const CONFLICT = 412;

class Prefixed extends twilio.RequestClient {
  request(options) {
    const asked = new URL(options.uri);
    const product = asked.hostname.split(".")[0];
    const uri = asked.hostname.endsWith(".twilio.com")
      ? `${url}/${product}${asked.pathname}${asked.search}`
      : options.uri;
    return super.request({ ...options, uri });
  }
}

// What a proxy or a DNS entry does: the connection leads here, the Host stays Twilio's.
class Rerouted extends twilio.RequestClient {
  request(options) {
    const asked = new URL(options.uri);
    const headers = { ...options.headers, Host: asked.host };
    return super.request({ ...options, headers, uri: `${url}${asked.pathname}${asked.search}` });
  }
}

const connect = {
  "base URL with prefix": () => withBaseUrl(`${url}/taskrouter`),
  "base URL without prefix": () => withBaseUrl(url),
  "custom HTTP client": () => twilio(accountSid, authToken, { httpClient: new Prefixed() }),
  "Twilio's host names": () => twilio(accountSid, authToken, { httpClient: new Rerouted() }),
};

function withBaseUrl(baseUrl) {
  const client = twilio(accountSid, authToken);
  client.taskrouter.baseUrl = baseUrl;
  return client;
}

async function main() {
  const workspaces = connect[form]().taskrouter.v1.workspaces;
  for (const number of [1, 2, 3, 4, 5]) await workspaces.create({ friendlyName: `Workspace ${number}` });
  const listed = await workspaces.list({ pageSize: 2 });
  const created = listed[0].dateCreated;
  const missing = await refusalOf(() => workspaces(`WS${"0".repeat(32)}`).fetch());
  const wrong = await refusalOf(() => workspaces.create({ friendlyName: "x".repeat(65) }));
  const workers = workspaces(listed[0].sid).workers;
  const worker = await workers.create({ friendlyName: "ana", attributes: JSON.stringify({ city: "Zürich 🎧" }) });
  await workers(worker.sid).update({ friendlyName: "ana b.", ifMatch: "0" });
  const stale = await refusalOf(() => workers(worker.sid).update({ friendlyName: "ana c.", ifMatch: "0" }));
  const kept = await workers(worker.sid).fetch();
  await workers(worker.sid).remove();
  return {
    listed: listed.map((workspace) => workspace.friendlyName),
    created: created instanceof Date ? created.toISOString() : `not a Date: ${created}`,
    missing,
    wrong,
    stale: stale.status === CONFLICT ? stale.status : stale,
    kept: { friendlyName: kept.friendlyName, city: JSON.parse(kept.attributes).city },
    removed: (await refusalOf(() => workers(worker.sid).fetch())).status,
  };
}

async function refusalOf(call) {
  try {
    await call();
  } catch (error) {
    const { status, code, message, moreInfo } = error;
    return { status, code, message, moreInfo };
  }
  return { status: "not refused" };
}

main().then((report) => console.log(JSON.stringify(report)));
