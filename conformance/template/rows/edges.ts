// Edge values for functions that the other tables touch lightly: nothing, empty, negative, unicode, wrong types.

const values = [
  "",
  '""',
  '"é🎉"',
  '"a"',
  "-1",
  "0",
  "nil",
  ".nil",
  ".nosuch",
  ".m",
  ".l",
  ".le",
  "true",
  "1.5",
  "nilMap",
  "nilSlice",
];

const onTexts = ["contains", "hasPrefix", "hasSuffix", "trimAll", "trimall", "trimPrefix", "trimSuffix"].flatMap(
  (name) => [
    ...values.map((value) => `{{ ${name} "a" ${value} }}`),
    ...values.map((value) => `{{ ${name} ${value} "aéa" }}`),
    `{{ ${name} "aé" "éaé" }}|{{ ${name} "ba" "abba" }}|{{ ${name} "" "" }}|{{ ${name} "abc" "ab" }}`,
  ],
);

const onLists = ["mustAppend", "mustPrepend", "mustPush", "push", "mustWithout", "mustHas", "mustChunk"].flatMap(
  (name) => [
    ...values.map((value) => `{{ ${name} .l ${value} }}`),
    ...values.map((value) => `{{ ${name} ${value} .l }}`),
    `{{ ${name} 2 (list 1 2 3) }}|`,
    `{{ ${name} (list 1 2 3) 2 }}|`,
    `{{ ${name} (splitList "," "a,b") "c" }}|`,
    `{{ ${name} "x" "y" }}`,
    `{{ ${name} 0 (list 1) }}`,
  ],
);

// Results that change from call to call: only what refuses, or says nothing of them, can be compared.
const onChance = [
  ...["randAlpha", "randAlphaNum", "randAscii", "randNumeric", "randBytes"].flatMap((name) => [
    `{{ ${name} 0 }}|`,
    `{{ ${name} -3 }}|`,
    `{{ ${name} "3" }}`,
    `{{ ${name} nil }}`,
    `{{ ${name} 1.5 }}`,
    `{{ ${name} }}`,
    `{{ ${name} 1 2 }}`,
    `{{ ${name} 12 | len }}`,
    `{{ ne (${name} 30) (${name} 30) }}`,
  ]),
  "{{ randInt 0 1 }}",
  "{{ randInt -5 -4 }}",
  "{{ randInt 3 1 }}",
  '{{ randInt "1" 2 }}',
  "{{ randInt 1 }}",
  "{{ randInt nil 2 }}",
  "{{ uuidv4 1 }}",
  "{{ ne uuidv4 uuidv4 }}",
  '{{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }}',
  '{{ shuffle "aaaa" }}',
  "{{ shuffle 1 }}",
  "{{ shuffle nil }}",
  "{{ shuffle }}",
  '{{ shuffle "éé" }}',
];

const onKeys = [
  ...[
    "bcrypt",
    "htpasswd",
    "encryptAES",
    "genCA",
    "genPrivateKey",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "genCAWithKey",
  ].flatMap((name) => [
    `{{ ${name} }}`,
    `{{ ${name} 1 }}`,
    `{{ ${name} nil }}`,
    `{{ ${name} .m .l }}`,
    `{{ ${name} "a" "b" "c" "d" "e" "f" "g" }}`,
  ]),
  `{{ bcrypt (repeat 73 "a") }}`,
  `{{ htpasswd "u" (repeat 73 "a") }}`,
  `{{ htpasswd "" "" | len }} {{ htpasswd "é" "x" | trunc 3 }} {{ bcrypt "" | trunc 7 }}`,
  `{{ encryptAES "k" "é" | b64dec | len }} {{ decryptAES "k" (encryptAES "k" "é🎉") }} {{ decryptAES "" (encryptAES "" "x") }}`,
  `{{ decryptAES (repeat 40 "k") (encryptAES (repeat 40 "k") (repeat 16 "x")) }}`,
  `{{ genPrivateKey "RSA" }}|{{ genPrivateKey "ed25519" | trunc 27 }}|{{ genPrivateKey "ecdsa" | trunc 30 }}`,
  `{{ (genCAWithKey "é" 1 (genPrivateKey "ecdsa")).Cert | trunc 27 }}`,
  `{{ (genCAWithKey "" 0 (genPrivateKey "ed25519")).Key | trunc 27 }}`,
  `{{ (genSelfSignedCertWithKey "cn" nil nil 1 (genPrivateKey "ecdsa")).Key | trunc 30 }}`,
  `{{ genSelfSignedCertWithKey "cn" (list "300.1.1.1") nil 1 (genPrivateKey "ecdsa") }}`,
  `{{ genSelfSignedCertWithKey "cn" nil (list 1) 1 (genPrivateKey "ecdsa") }}`,
  `{{ genSelfSignedCertWithKey "cn" nil nil 1 "nope" }}`,
  `{{ $ca := genCAWithKey "ca" 1 (genPrivateKey "ecdsa") }}{{ (genSignedCertWithKey "cn" (list "::1" "1.2.3.4") (list "a.b") 1 $ca (genPrivateKey "ecdsa")).Cert | trunc 27 }}`,
  `{{ $ca := genCAWithKey "ca" 1 (genPrivateKey "ecdsa") }}{{ genSignedCertWithKey "cn" nil nil 1 $ca "nope" }}`,
  `{{ $ca := genCAWithKey "ca" 1 (genPrivateKey "ecdsa") }}{{ genSignedCert "cn" (list "x") nil 1 $ca }}`,
];

const others = [
  ...values.map((value) => `{{ biggest 1 ${value} }}`),
  ...values.map((value) => `{{ biggest ${value} }}`),
  ...values.map((value) => `{{ tuple ${value} }}`),
  ...values.map((value) => `{{ unset .m ${value} }}`),
  ...values.map((value) => `{{ unset ${value} "a" }}`),
  // Go gives the values of a map in random order.
  ...values.filter((value) => value !== ".m").map((value) => `{{ values ${value} }}`),
  ...values.map((value) => `{{ replace "a" "b" ${value} }}`),
  ...values.map((value) => `{{ replace ${value} "b" "aéa" }}`),
  ...values.map((value) => `{{ replace "a" ${value} "aéa" }}`),
  ...values.map((value) => `{{ getHostByName ${value} }}`),
  "{{ values (dict) }}|{{ values (dict 1 2) }}|{{ values .m .m }}",
  ...["date_in_zone", "dateInZone"].flatMap((name) => [
    `{{ ${name} "2006-01-02 15:04 MST" now "UTC" }}`,
    `{{ ${name} "2006-01-02 15:04" now "Asia/Tokyo" }}`,
    `{{ ${name} "2006-01-02 15:04" now "Nowhere/At All" }}`,
    `{{ ${name} "2006" 0 "UTC" }}`,
    `{{ ${name} "2006" (toInt 1e9) "" }}`,
    `{{ ${name} 1 now "UTC" }}`,
    `{{ ${name} "" now "UTC" }}`,
  ]),
  ...["date_modify", "dateModify", "must_date_modify", "mustDateModify"].flatMap((name) => [
    `{{ ${name} "-1.5h" now | date "15:04" }}`,
    `{{ ${name} "" now | date "15:04" }}`,
    `{{ ${name} "x" now | date "15:04" }}`,
    `{{ ${name} "9999999h" now }}`,
    `{{ ${name} "1h" 1 }}`,
    `{{ ${name} "1h" nil }}`,
    `{{ ${name} "1h" }}`,
  ]),
  ...["htmlDate", "ago"].flatMap((name) => [`{{ ${name} }}`, `{{ ${name} 1 2 }}`]),
  '{{ htmlDate now }}|{{ htmlDate 0 }}|{{ htmlDate (toInt 1e9) }}|{{ htmlDateInZone now "Asia/Tokyo" }}',
  // How long ago: only what does not depend on the second.
  '{{ ago now | kindOf }} {{ ago (toInt 0) | kindOf }} {{ ago "x" | kindOf }}',
];

export const edges: string[] = [...onTexts, ...onLists, ...onChance, ...onKeys, ...others];
