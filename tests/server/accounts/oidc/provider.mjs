// An OpenID Connect provider with a few people, for tests. Arguments: folder of its packages, callback of the server.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, callback] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(join(packages, "node_modules/oidc-provider/lib/index.js")));

const people = {
  ada: { email: "ada@example.com", email_verified: true, name: "Ada Lovelace" },
  grace: { email: "grace@example.com", email_verified: true, name: "Grace Hopper" },
  mallory: { email: "grace@example.com", email_verified: false, name: "Mallory" },
  nomail: { name: "No Mail" },
};
const configuration = {
  clients: [{ client_id: "roadworthy", client_secret: "a secret of the tests", redirect_uris: [callback] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
};
const server = new Provider("http://localhost:0", configuration).listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.removeAllListeners("request");
  server.on("request", new Provider(issuer, configuration).callback());
  console.log(issuer);
});
