import { type Command, Option } from 'commander'
import { segment } from '../admin-client.js'
import { type CommandLine, collect } from '../command-line.js'
import { readSecret } from '../texts.js'

interface TokenOptions {
  readonly link: 'http' | 'btp'
  readonly keepFile?: readonly string[]
}

interface NewToken {
  readonly link: string
  readonly token: string
}

export const accountTokenCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string], TokenOptions>(
    accounts,
    'rotate-token <username>',
    {
      description: 'give an account a new incoming token, in place of those that it has',
      examples: [
        'ilp-connector accounts rotate-token carol --link btp > carols-token.txt',
        'ilp-connector accounts rotate-token carol --link http --keep-file carols-former-token.txt',
      ],
      notes: 'The token is printed this once, and by itself. The node keeps a hash of it.',
    },
    async ({ node, terminal, isJson }, [username], { link, keepFile = [] }) => {
      const keep: string[] = []
      for (const file of keepFile) keep.push(await readSecret(file, terminal))
      const path = `/accounts/${segment(username)}/tokens`
      const made = await (await node()).call<NewToken>('POST', path, { body: { link, keep } })
      if (!isJson) {
        const others =
          keep.length === 0 ? 'all former ones are void' : 'of the former ones, those kept are good'
        terminal.err.write(`The new ${link} token of ${username}; ${others}:\n`)
      }
      return { document: { account: username, ...made }, text: () => made.token }
    },
  )
    .addOption(
      new Option('--link <link>', 'which of its links the token is for')
        .choices(['http', 'btp'])
        .makeOptionMandatory(),
    )
    .option(
      '--keep-file <file>',
      'a token that stays good as well, - for standard input; may be given again',
      collect,
    )
