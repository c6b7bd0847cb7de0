import type { Scenario } from "./scenario.ts";

/** The invented visitors, in the order in which they come. */
export const scenarios: readonly Scenario[] = [
  {
    id: "nineteen",
    answers: [
      ["who", "who.self"],
      ["dng", "dng.soon"],
      ["scr", "scr.maybe"],
      ["age", "age.1820"],
      ["need", "need.safe"],
      ["need", "need.debt"],
    ],
    text: {
      sv: "hej. vet inte om man får skriva här. jag vill inte vara med längre men jag är skyldig dom pengar",
      en: "hi. dont know if im allowed to write here. i dont want to be in this anymore but i owe them money",
    },
    turns: [
      { on: { kind: "claimed" }, says: [{ sv: "är det nån där", en: "is somebody there" }] },
      {
        on: { phrases: ["pb.seen"], words: /någon ser|ensam|alone|see (you|your)/i },
        says: [{ quick: "q.alone" }, { sv: "men min bror kommer snart", en: "but my brother is coming soon" }],
      },
      {
        on: { phrases: ["pb.notpolice", "pb.secrecy"], words: /polis|police|tystnad|confiden/i },
        says: [{ sv: "ok. berättar du för soc då", en: "ok. do you tell social services then" }],
      },
      {
        on: { phrases: ["pb.noinform"] },
        says: [{ sv: "bra. jag tänker inte ange nån", en: "good. im not telling on anyone" }],
      },
      {
        on: { phrases: ["pb.first", "pb.today"], words: /behöver|hjälp med|need|help with/i },
        says: [{ sv: "nånstans att va. dom vet var jag bor", en: "somewhere to be. they know where i live" }],
        away: {
          seconds: 45,
          then: [{ sv: "förlåt. nån kom in", en: "sorry. somebody came in" }, { quick: "q.alone" }],
        },
      },
      {
        on: { phrases: ["pb.meet", "pb.howitworks"], words: /träffa|meet/i },
        says: [{ sv: "kanske. inte i stan i så fall", en: "maybe. not in town in that case" }],
      },
      { on: { kind: "silence" }, says: [{ sv: "hallå?", en: "hello?" }] },
    ],
    otherwise: [
      { sv: "jag vet inte riktigt", en: "i dont really know" },
      { quick: "q.afraid" },
      { sv: "vem läser det här", en: "who reads this" },
      { quick: "q.dk" },
    ],
    patience: 90,
    goals: [
      {
        text: { sv: "Du sa vem du är, eller vad du inte är.", en: "You said who you are, or what you are not." },
        by: {
          phrases: ["pb.hello", "pb.notpolice", "pb.noname"],
          words: /jag heter|my name|socialtjänst|social services/i,
        },
      },
      {
        text: { sv: "Du frågade om någon kan se skärmen.", en: "You asked whether someone can see the screen." },
        by: { phrases: ["pb.seen"], words: /någon ser|ensam|alone/i },
      },
      {
        text: { sv: "Du bad inte om namn.", en: "You did not ask for a name." },
        by: { words: /vad heter|ditt namn|vem är du|your name|who are you/i },
        never: true,
      },
      {
        text: { sv: "Du lovade inte skydd eller bostad.", en: "You did not promise protection or housing." },
        by: { words: /jag lovar|i promise|du är säker nu|you are safe now/i },
        never: true,
      },
    ],
  },
  {
    id: "mother",
    answers: [
      ["who", "who.rel"],
      ["dng", "common.dontknow"],
      ["scr", "common.no"],
      ["rel", "rel.child"],
      ["rel.age", "common.yes"],
      ["rel.aware", "common.no"],
      ["rel.want", "rel.want.talk"],
    ],
    text: {
      sv: "Klockan är två och han har inte kommit hem. Han är femton. Jag hittade tre telefoner i hans rum. Jag vet inte om jag gör fel som skriver.",
      en: "It is two in the night and he has not come home. He is fifteen. I found three phones in his room. I do not know if I am doing wrong by writing.",
    },
    turns: [
      { on: { kind: "claimed" } },
      {
        on: { phrases: ["pb.notyourfault", "pb.brave"], words: /inte ditt fel|not your fault|rätt/i },
        says: [{ sv: "Tack. Jag har inte sagt det till någon.", en: "Thank you. I have not told anyone." }],
      },
      {
        on: { phrases: ["pb.danger"], words: /112|fara|danger/i },
        says: [
          {
            sv: "Nej, inte vad jag vet. Han brukar komma vid tre.",
            en: "No, not that I know of. He usually comes around three.",
          },
        ],
      },
      {
        on: { phrases: ["pb.nodetails"] },
        says: [{ sv: "Förstår. Jag skriver inga namn.", en: "I see. I write no names." }],
      },
      {
        on: { phrases: ["pb.minor", "pb.report"], words: /anmäl|skyldig|report/i },
        says: [{ sv: "Kommer ni att ta honom?", en: "Will you take him?" }],
      },
      {
        on: { phrases: ["pb.callus", "pb.meet", "pb.howitworks"], words: /ring|träffa|call|meet/i },
        says: [{ sv: "Kan jag ringa utan att säga vad jag heter?", en: "Can I call without saying my name?" }],
      },
      { on: { kind: "silence" }, says: [{ sv: "Är du kvar?", en: "Are you still there?" }] },
    ],
    otherwise: [
      { sv: "Hur pratar jag med honom när han kommer?", en: "How do I talk to him when he comes?" },
      { sv: "Jag är rädd att han blir arg.", en: "I am afraid that he will be angry." },
      { sv: "Vad skulle du göra?", en: "What would you do?" },
    ],
    patience: 120,
    goals: [
      {
        text: { sv: "Du tog bort skulden.", en: "You took away the blame." },
        by: { phrases: ["pb.notyourfault", "pb.brave", "pb.nomatter"], words: /inte ditt fel|not your fault/i },
      },
      {
        text: { sv: "Du frågade om fara just nu.", en: "You asked about danger right now." },
        by: { phrases: ["pb.danger"], words: /112|fara|danger/i },
      },
      {
        text: {
          sv: "Du var ärlig med vad som händer när någon är under 18.",
          en: "You were honest about what happens when someone is under 18.",
        },
        by: { phrases: ["pb.minor", "pb.report", "pb.secrecy"], words: /anmäl|skyldig|måste|report|must/i },
      },
      {
        text: { sv: "Du bad inte om sonens namn.", en: "You did not ask for the son's name." },
        by: { words: /vad heter|hans namn|his name/i },
        never: true,
      },
    ],
  },
  {
    id: "danger",
    answers: [
      ["who", "who.self"],
      ["dng", "dng.now"],
    ],
    text: { sv: "dom står utanför min dörr", en: "theyre outside my door" },
    turns: [
      {
        on: { phrases: ["pb.danger"], words: /112/ },
        says: [{ sv: "vågar inte prata. dom hör", en: "cant talk. they hear" }],
      },
      {
        on: { words: /grann|männi|folk|trapp|ut |neighbo|people|out /i },
        says: [
          { sv: "kan gå ut på altanen till grannen", en: "can go out the back to the neighbour" },
          { quick: "q.gone" },
        ],
        away: {
          seconds: 30,
          then: [{ sv: "är hos grannen. hon ringer 112", en: "im at the neighbours. she is calling 112" }],
        },
      },
      {
        on: { words: /ringa (112 )?åt|ringer åt|call (112 )?for you/i },
        says: [{ sv: "ja snälla", en: "yes please" }],
      },
      { on: { kind: "silence" }, says: [{ sv: "dom bankar", en: "theyre banging" }] },
    ],
    otherwise: [{ sv: "skynda", en: "hurry" }, { quick: "q.afraid" }, { sv: "vad ska jag göra", en: "what do i do" }],
    patience: 40,
    goals: [
      {
        text: {
          sv: "Du sa 112 först, och att du inte kan skicka hjälp.",
          en: "You said 112 first, and that you cannot send help.",
        },
        by: { phrases: ["pb.danger"], words: /112/ },
      },
      {
        text: { sv: "Du frågade om vägen till andra människor.", en: "You asked about a way to other people." },
        by: { words: /grann|männi|folk|neighbo|people/i },
      },
      {
        text: { sv: "Du lovade inte att någon kommer.", en: "You did not promise that anybody comes." },
        by: {
          words: /(polisen|hjälp|någon|de) (kommer|är på väg)|(police|help|someone|they) (is|are) (coming|on the way)/i,
        },
        never: true,
      },
      {
        text: { sv: "Du frågade inte varför eller vilka.", en: "You did not ask why or who." },
        by: { words: /varför|vilka är|why|who are they/i },
        never: true,
      },
    ],
  },
  {
    id: "leaves",
    answers: [
      ["who", "who.self"],
      ["dng", "common.skip"],
      ["scr", "common.yes"],
    ],
    text: { sv: "hej", en: "hi" },
    turns: [
      {
        on: { phrases: ["pb.seen"], words: /ensam|ser|alone|see/i },
        says: [{ quick: "q.seen" }, { quick: "q.dontwrite" }],
        then: "leaves",
      },
      { on: { kind: "silence" }, then: "leaves" },
    ],
    otherwise: [{ sv: "vänta", en: "wait" }, { quick: "q.seen" }],
    patience: 60,
    goals: [
      {
        text: {
          sv: "Du frågade om skärmen innan du frågade om något annat.",
          en: "You asked about the screen before you asked about anything else.",
        },
        by: { phrases: ["pb.seen", "pb.gosafe"], words: /ensam|alone|skärm|screen/i },
      },
      {
        text: {
          sv: "Du skrev inget om brott, gäng eller socialtjänst på en skärm som andra ser.",
          en: "You wrote nothing about crime, gangs or social services on a screen that others see.",
        },
        by: { words: /gäng|brott|soc|gang|crime/i },
        never: true,
      },
    ],
  },
  {
    id: "professional",
    answers: [
      ["who", "who.pro"],
      ["dng", "common.no"],
      ["pro", "pro.school"],
      ["pro.age", "common.yes"],
    ],
    text: {
      sv: "Hej, jag är kurator. En elev har berättat saker som oroar mig. Kan jag göra min anmälan här?",
      en: "Hello, I am a school counsellor. A pupil has told me things that worry me. Can I make my report here?",
    },
    turns: [
      {
        on: { phrases: ["pb.report"], words: /anmäl|report/i },
        says: [
          {
            sv: "Okej. Jag trodde att chatten räckte. Får jag fråga hur man pratar med eleven under tiden?",
            en: "Okay. I thought the chat would do. May I ask how to talk to the pupil meanwhile?",
          },
        ],
      },
      {
        on: { phrases: ["pb.nodetails"], words: /inga namn|no names/i },
        says: [{ sv: "Självklart.", en: "Of course." }],
      },
      { on: { phrases: ["pb.neither"] }, says: [{ sv: "Jag förstår.", en: "I understand." }] },
      {
        on: { phrases: ["pb.bye"] },
        says: [{ sv: "Tack för hjälpen.", en: "Thank you for your help." }],
        then: "ends",
      },
    ],
    otherwise: [
      { sv: "Eleven går i åttan och heter", en: "The pupil is in year eight and is called" },
      {
        sv: "Vet ni om det är någon annan från vår skola som har hört av sig?",
        en: "Do you know if anybody else from our school has been in touch?",
      },
    ],
    patience: 180,
    goals: [
      {
        text: { sv: "Du sa att chatten inte är någon anmälan.", en: "You said that the chat is not a report." },
        by: { phrases: ["pb.report"], words: /anmäl|report/i },
      },
      {
        text: { sv: "Du bad om att inga namn skrivs.", en: "You asked that no names be written." },
        by: { phrases: ["pb.nodetails"], words: /inga namn|no names/i },
      },
      {
        text: {
          sv: "Du svarade inte på om andra har hört av sig.",
          en: "You did not answer whether others have been in touch.",
        },
        by: { words: /ingen annan|har hört av|nobody else|have been in touch/i },
        never: true,
      },
    ],
  },
  {
    id: "probing",
    answers: [
      ["who", "who.rel"],
      ["dng", "common.no"],
      ["scr", "common.no"],
      ["rel", "rel.sib"],
      ["rel.aware", "common.dontknow"],
    ],
    text: {
      sv: "min bror skrev hit i går. jag vill bara veta att han är ok. är han hos er",
      en: "my brother wrote here yesterday. i just want to know hes ok. is he with you",
    },
    turns: [
      {
        on: { phrases: ["pb.neither"], words: /inte säga om|cannot say if/i },
        says: [{ sv: "men jag är hans bror. säg bara ja eller nej", en: "but im his brother. just say yes or no" }],
      },
      {
        on: { words: /(han|din bror) (är|har|skrev)|(he|your brother) (is|has|wrote)/i },
        says: [{ sv: "tack. vilken tid då", en: "thanks. what time was that" }],
      },
      {
        on: {
          phrases: ["pb.nomatter", "pb.first", "pb.notyourfault"],
          words: /du själv|yourself|hur mår du|how are you/i,
        },
        says: [
          { sv: "strunt samma. vilka jobbar där på kvällarna", en: "never mind. who works there in the evenings" },
        ],
      },
      { on: { phrases: ["pb.bye"] }, then: "ends" },
    ],
    otherwise: [
      { sv: "vem pratade han med", en: "who did he talk to" },
      { sv: "vilket hus sitter ni i", en: "which building are you in" },
      { sv: "ok skit i det då", en: "ok forget it then" },
    ],
    patience: 120,
    goals: [
      {
        text: { sv: "Du varken bekräftade eller förnekade.", en: "You neither confirmed nor denied." },
        by: { phrases: ["pb.neither"], words: /inte säga om|cannot say if/i },
      },
      {
        text: {
          sv: "Du sa ingenting om någon som kan ha skrivit.",
          en: "You said nothing about anyone who may have written.",
        },
        by: { words: /(han|din bror) (är|har|skrev|mår)|(he|your brother) (is|has|wrote)|ingen (med|som heter)/i },
        never: true,
      },
      {
        text: {
          sv: "Du sa inget om tider, hus eller kollegor.",
          en: "You said nothing about times, buildings or colleagues.",
        },
        by: { words: /klockan|\d\d[:.]\d\d|våning|gatan|kollega|o'clock|floor|street|colleague/i },
        never: true,
      },
    ],
  },
  {
    id: "foreign",
    foreign: true,
    answers: [
      ["who", "who.self"],
      ["dng", "common.dontknow"],
      ["scr", "common.no"],
      ["need", "need.fam"],
    ],
    turns: [
      { on: { kind: "claimed" }, says: [{ quick: "q.fam" }] },
      { on: { kind: "text" }, says: [{ quick: "q.explain" }] },
      { on: { phrases: ["pb.family", "pb.children"] }, says: [{ quick: "q.yes" }] },
      { on: { phrases: ["pb.notpolice", "pb.secrecy"] }, says: [{ quick: "q.parents" }] },
      { on: { phrases: ["pb.interpreter"] }, says: [{ quick: "q.yes" }, { quick: "q.interp" }] },
      { on: { phrases: ["pb.meet", "pb.callus"] }, says: [{ quick: "q.how" }] },
      { on: { kind: "silence" }, says: [{ quick: "q.who" }] },
    ],
    otherwise: [{ quick: "q.explain" }, { quick: "q.dk" }, { quick: "q.afraid" }],
    patience: 120,
    goals: [
      {
        text: {
          sv: "Du svarade med färdiga svar, som den andra kan läsa.",
          en: "You answered with ready replies, which the other can read.",
        },
        by: {
          phrases: [
            "pb.hello",
            "pb.noname",
            "pb.spelling",
            "pb.family",
            "pb.notpolice",
            "pb.interpreter",
            "pb.first",
            "pb.brave",
          ],
        },
      },
      { text: { sv: "Du erbjöd tolk.", en: "You offered an interpreter." }, by: { phrases: ["pb.interpreter"] } },
      {
        text: {
          sv: "Du skrev inte för hand på ett språk som den andra inte läser.",
          en: "You did not write by hand in a language that the other does not read.",
        },
        by: { kind: "text" },
        never: true,
      },
    ],
  },
];
