const { createClient, Credentials } = require("@effect-sunco/client")

const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }
const client = createClient({ baseUrl: process.env.SUNCO_BASE_URL, credentials: Credentials.fromEnv(process.env) })

client
  .list(conversation)
  .then(({ participants }) => console.log(`${participants.length} participants on the first page`))
  .finally(() => client.close())
