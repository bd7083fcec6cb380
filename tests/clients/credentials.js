// Keys, accounts and tokens with the JavaScript SDK: what it saw, as JSON, and the tokens that it minted.
// node credentials.js URL ACCOUNT_SID AUTH_TOKEN

const twilio = require("twilio");
const { AccessToken } = twilio.jwt;
const { TaskRouterCapability } = twilio.jwt.taskrouter;
const { util } = twilio.jwt.taskrouter;

const [url, accountSid, authToken] = process.argv.slice(2);

class Local extends twilio.RequestClient {
  request(options) {
    const asked = new URL(options.uri);
    const product = asked.hostname.split(".")[0];
    const uri = `${url}/${product}${asked.pathname}${asked.search}`;
    return super.request(asked.hostname.endsWith(".twilio.com") ? { ...options, uri } : options);
  }
}

const connect = (username, password) => twilio(username, password, { accountSid, httpClient: new Local() });

async function main() {
  const client = connect(accountSid, authToken);
  const account = client.api.v2010.account;
  for (const number of [1, 2, 3]) await account.newKeys.create({ friendlyName: `Key ${number}` });
  const listed = await account.keys.list({ pageSize: 2 });
  const renamed = await account.signingKeys(listed[0].sid).update({ friendlyName: "Renamed" });
  await account.keys(listed[1].sid).remove();
  const branch = await client.api.v2010.accounts.create({ friendlyName: "Branch" });
  const closed = await client.api.v2010.accounts(branch.sid).update({ status: "closed" });
  const restricted = await client.iam.v1.newApiKey.create({
    accountSid,
    keyType: "restricted",
    policy: { allow: ["/twilio/taskrouter/read"] },
  });
  const limited = connect(restricted.sid, restricted.secret);
  const refused = await limited.taskrouter.v1.workspaces.create({ friendlyName: "Mine" }).catch((error) => error);

  const key = await account.newKeys.create({ friendlyName: "Tokens" });
  const workspaceSid = `WS${"1".repeat(32)}`;
  const workerSid = `WK${"2".repeat(32)}`;
  const access = new AccessToken(accountSid, key.sid, key.secret, { identity: "ana", region: "ie1" });
  access.addGrant(new AccessToken.TaskRouterGrant({ workspaceSid, workerSid, role: "worker" }));
  access.addGrant(new AccessToken.ChatGrant({ serviceSid: `IS${"3".repeat(32)}` }));
  access.addGrant(new AccessToken.SyncGrant({ serviceSid: `IS${"4".repeat(32)}` }));
  const secondary = await client.accounts.v1.secondaryAuthToken().create();
  const promoted = await client.accounts.v1.authTokenPromotion().update();
  const capability = new TaskRouterCapability({
    accountSid,
    authToken: promoted.authToken,
    workspaceSid,
    channelId: workerSid,
    friendlyName: "ana",
  });
  util.defaultEventBridgePolicies(accountSid, workerSid).forEach((policy) => capability.addPolicy(policy));
  util.defaultWorkerPolicies("v1", workspaceSid, workerSid).forEach((policy) => capability.addPolicy(policy));
  return {
    listed: listed.map((each) => each.friendlyName),
    dateCreated: listed[0].dateCreated instanceof Date,
    renamed: renamed.friendlyName,
    left: (await connect(accountSid, promoted.authToken).api.v2010.account.keys.list()).length,
    closed: [closed.status, closed.ownerAccountSid === accountSid, typeof branch.authToken],
    policy: restricted.policy,
    reads: (await limited.taskrouter.v1.workspaces.list()).length,
    refused: [refused.status, refused.code],
    promoted: promoted.authToken === secondary.secondaryAuthToken,
    authToken: promoted.authToken,
    access: access.toJwt(),
    capability: capability.toJwt(),
  };
}

main().then(
  (report) => console.log(JSON.stringify(report)),
  (fault) => {
    console.error(fault);
    process.exitCode = 1;
  },
);
