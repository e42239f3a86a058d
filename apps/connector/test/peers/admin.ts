import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** The money of an account, as the connector's books have it. */
export interface Books {
  readonly balance: bigint
  readonly heldOut: bigint
  readonly heldIn: bigint
}

export interface PositionBooks {
  readonly asset: string
  readonly balance: bigint
}

/** What an operator can ask a running connector, on a connection of its own each time. */
export interface AdminClient {
  readonly books: (username: string) => Promise<Books>
  /** By asset, written `USD/9`. */
  readonly positions: () => Promise<readonly PositionBooks[]>
}

export function adminClient(url: string, token: string): AdminClient {
  const get = <T>(path: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const asked = request(url + path, { agent: false, headers: { authorization: `Bearer ${token}` } })
      asked.once('error', reject)
      asked.once('response', response =>
        text(response).then(body => {
          if (response.statusCode === 200) resolve(JSON.parse(body) as T)
          else reject(new Error(`${path}: ${response.statusCode} ${body}`))
        }, reject),
      )
      asked.end()
    })
  return {
    books: async username => {
      const found = await get<Record<keyof Books, string>>(`/accounts/${username}/balance`)
      return {
        balance: BigInt(found.balance),
        heldOut: BigInt(found.heldOut),
        heldIn: BigInt(found.heldIn),
      }
    },
    positions: async () => {
      type Found = { asset: { code: string; scale: number }; balance: string }
      const found = await get<readonly Found[]>('/positions')
      return found.map(({ asset, balance }) => ({
        asset: `${asset.code}/${asset.scale}`,
        balance: BigInt(balance),
      }))
    },
  }
}
