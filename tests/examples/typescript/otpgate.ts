// One code for one login: the cursor comes first, leaving accepts the code, an error rejects it.
async function post(path: string, data = {}) {
  const headers = { 'x-api-key': process.env.OTPGATE_KEY! };
  const answer = await fetch(process.env.OTPGATE_URL + path, { method: 'POST', headers, body: JSON.stringify(data) });
  const json = await answer.json();
  if (!answer.ok || json.claim === null) throw new Error(json.detail ?? json.diagnosis);
  return json;
}
export async function login(identifier: string, steps: (wait: () => Promise<string>) => Promise<void>, options = {}) {
  const run = { run_id: crypto.randomUUID(), after: (await post('/v1/cursors')).cursor, wait: 60, ...options };
  let claim: any;
  const end = (how: string) => claim && post(`/v1/claims/${claim.claim_id}/${how}`);
  const wait = async () => (claim = (await post('/v1/claims', { identifier, ...run })).claim).value;
  await steps(wait).catch(async (error) => { await end('reject'); throw error; });
  await end('accept');
}
