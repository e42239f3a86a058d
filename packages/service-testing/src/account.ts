import { type Account, type Asset, accountId, type Relation } from '@ilp/service-core'

/** The fields that most services read. */
export interface TestAccount extends Account {
  readonly username: string
  readonly ilpAddress: string
  readonly asset: Asset
  readonly relation: Relation
}

/** A child of the node `test.node`, in USD of scale 9, whose id is its username; `fields` replace these and add to them. */
export const testAccount = <Fields extends object>(
  username: string,
  fields?: Fields & Partial<TestAccount>,
): TestAccount & Omit<Fields, keyof TestAccount> => ({
  id: accountId(username),
  username,
  ilpAddress: `test.node.${username}`,
  asset: { code: 'USD', scale: 9 },
  relation: 'child',
  ...(fields as Fields),
})
