import { setImmediate as turn } from 'node:timers/promises'
import type { RateLimitTerms } from '@ilp/store-traits'
import { type Bucket, least, PlainRateLimits } from '../plain-rate-limits.js'
import type { Broken } from './broken.js'

const limits = (
  fault: string,
  Faulty: new (clock: { readonly ms: number }) => PlainRateLimits,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.rateLimits = new Faulty(backend.clock)
  },
  caughtBy: caughtBy.map(title => `rateLimits: ${title}`),
})

const MODEL = 'agree with a model that counts in 60,000ths of a token, for any history'

export const brokenRateLimits: readonly Broken[] = [
  limits(
    'has nothing in a bucket that is named first',
    class extends PlainRateLimits {
      override first(terms: RateLimitTerms): Bucket {
        return { ...super.first(terms), parts: 0n }
      }
    },
    ['are full when they are first named, and give what there is'],
  ),
  limits(
    'takes all or none',
    class extends PlainRateLimits {
      override async take(name: string, terms: RateLimitTerms, wanted: bigint) {
        const tokens = this.bucket(name, terms).parts / 60_000n
        return tokens < wanted ? 0n : super.take(name, terms, wanted)
      }
    },
    ['are full when they are first named, and give what there is', MODEL],
  ),
  limits(
    'has one bucket for names that differ in case only',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        return super.bucket(name.toLowerCase(), terms)
      }
    },
    ['are known by their whole names'],
  ),
  limits(
    'knows buckets by the beginning of their names',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        return super.bucket(name.slice(0, 250), terms)
      }
    },
    ['are known by their whole names'],
  ),
  limits(
    'gives back more than there is room for',
    class extends PlainRateLimits {
      override async give(name: string, terms: RateLimitTerms, tokens: bigint) {
        this.bucket(name, terms).parts += tokens * 60_000n
      }

      override atMost(parts: bigint) {
        return parts
      }
    },
    [
      'take back what was not used, as far as there is room',
      'are cut to a new capacity, and not filled by a larger one',
      'fill no further than full',
      MODEL,
    ],
  ),
  limits(
    'gives nothing back',
    class extends PlainRateLimits {
      override async give() {}
    },
    [
      'take back what was not used, as far as there is room',
      'lose nothing that is given back, whoever gives at once',
      MODEL,
    ],
  ),
  limits(
    'leaves what is above a new capacity',
    class extends PlainRateLimits {
      override cut(parts: bigint) {
        return parts
      }
    },
    ['are cut to a new capacity, and not filled by a larger one', MODEL],
  ),
  limits(
    'is full under a larger capacity',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        const known = this.buckets.get(name)
        if (known && known.terms.capacity < terms.capacity) this.buckets.delete(name)
        return super.bucket(name, terms)
      }
    },
    ['are cut to a new capacity, and not filled by a larger one', MODEL],
  ),
  limits(
    'counts tokens in doubles',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        const bucket = super.bucket(name, terms)
        bucket.parts = BigInt(Number(bucket.parts / 60_000n)) * 60_000n + (bucket.parts % 60_000n)
        return bucket
      }
    },
    ['count in whole tokens of any size', 'lose nothing that is given back, whoever gives at once'],
  ),
  limits(
    'counts tokens in 64 bits',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        const bucket = super.bucket(name, terms)
        bucket.parts = least(bucket.parts, (2n ** 64n - 1n) * 60_000n)
        return bucket
      }
    },
    ['count in whole tokens of any size'],
  ),
  limits(
    'reads what is there in one turn and writes it in another',
    class extends PlainRateLimits {
      override async take(name: string, terms: RateLimitTerms, wanted: bigint) {
        const bucket = this.bucket(name, terms)
        const { parts } = bucket
        const taken = least(wanted, parts / 60_000n)
        for (let i = wanted % 3n; i >= 0n; i--) await turn()
        bucket.parts = parts - taken * 60_000n
        return taken
      }
    },
    ['never give more than there is, whoever asks at once'],
  ),
  limits(
    'reads what room there is in one turn and gives back in another',
    class extends PlainRateLimits {
      override async give(name: string, terms: RateLimitTerms, tokens: bigint) {
        const bucket = this.bucket(name, terms)
        const parts = this.atMost(bucket.parts + tokens * 60_000n, terms)
        await turn()
        bucket.parts = parts
      }
    },
    ['lose nothing that is given back, whoever gives at once'],
  ),
  limits(
    'loses what is less than a token',
    class extends PlainRateLimits {
      override come(bucket: Bucket) {
        return super.come(bucket) - (super.come(bucket) % 60_000n)
      }
    },
    [
      'have each token in the very millisecond in which it is due',
      'lose nothing by being asked often',
      MODEL,
    ],
  ),
  limits(
    'rounds up',
    class extends PlainRateLimits {
      override come(bucket: Bucket) {
        return ((super.come(bucket) + 59_999n) / 60_000n) * 60_000n
      }
    },
    ['have each token in the very millisecond in which it is due', MODEL],
  ),
  limits(
    'fills every second',
    class extends PlainRateLimits {
      override come({ atMs, terms }: Bucket) {
        return BigInt(Math.floor(this.clock.ms / 1_000) - Math.floor(atMs / 1_000)) * 1_000n * terms.perMinute
      }
    },
    [
      'fill by their rate, no faster and no slower',
      'have each token in the very millisecond in which it is due',
      MODEL,
    ],
  ),
  limits(
    'fills twice as fast',
    class extends PlainRateLimits {
      override come(bucket: Bucket) {
        return super.come(bucket) * 2n
      }
    },
    ['fill by their rate, no faster and no slower', MODEL],
  ),
  limits(
    'fills by the terms of the next call',
    class extends PlainRateLimits {
      override bucket(name: string, terms: RateLimitTerms) {
        const known = this.buckets.get(name)
        if (known) known.terms = { ...known.terms, perMinute: terms.perMinute }
        return super.bucket(name, terms)
      }
    },
    ['fill by the terms that they had meanwhile', MODEL],
  ),
  limits(
    'counts each store for itself',
    class extends PlainRateLimits {
      #calls = 0

      override bucket(name: string, terms: RateLimitTerms) {
        return super.bucket(`${name} ${this.#calls++ % 2}`, terms)
      }
    },
    ['are the same in another store', 'never give more than there is, whoever asks at once'],
  ),
]
