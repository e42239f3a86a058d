/** Blocks of code in a page: those of a language, in their order. */
export interface Block {
  readonly language: string
  readonly text: string
}

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))
