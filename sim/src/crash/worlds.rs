//! Small worlds, one for each example: a handful of customers, chosen so that every step of
//! every chain is come to, and what happens to them. All times are UTC.
//!
//! A `dead` address takes nothing, a `busy` one nothing in the first minutes of an hour.

use chainc_runtime::intake::Kind::{self, Consents, Customers, Events, Promo, Purchases, Returns};

/// What happens in a small world.
#[derive(Debug)]
pub(super) struct Script {
    /// The folder of the example.
    pub(super) project: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// When the process is restarted.
    pub(super) restarts: &'static [&'static str],
    /// What comes in when, as a file of some kind.
    pub(super) deliveries: &'static [(&'static str, Kind, &'static str)],
}

/// Every world.
pub(super) const ALL: [Script; 6] = [SEED, DELI, MALL, QUIET_CHURN, WINBACK, REACTIVATE];

const SEED: Script = Script {
    project: "seed",
    from: "2026-03-11T09:00",
    to: "2026-03-25T00:00",
    restarts: &["2026-03-12T10:00"],
    deliveries: &[
        ("2026-03-11T09:00", Customers, include_str!("../../../examples/seed/customers.csv")),
        ("2026-03-11T09:00", Purchases, include_str!("../../../examples/seed/purchases.csv")),
    ],
};

const DELI: Script = Script {
    project: "deli",
    from: "2026-06-01T13:00",
    to: "2026-07-10T00:00",
    restarts: &["2026-06-02T00:00", "2026-06-12T00:00"],
    deliveries: &[
        (
            "2026-06-01T13:00",
            Customers,
            "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push,tags
            1,Ada,+12165550101,c1@example.com,card-1,yes,yes,yes,
            2,Ben,+12165550102,c2@example.com,card-dead,no,yes,yes,
            3,Cleo,+12165550103,c3@example.com,card-3,yes,yes,yes,
            4,Dan,busy-12165550104,c4@example.com,card-4,yes,yes,yes,
            5,Eve,+12165550105-dead,c5@example.com,,yes,yes,no,
            6,Fay,+12165550106,c6@example.com,,no,yes,no,
            7,Gil,+12165550107,,card-7,yes,no,yes,
            8,Hal,+12165550108,c8@example.com,card-8,yes,yes,yes,staff",
        ),
        (
            "2026-06-01T13:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            1,2026-04-27T16:00:00Z,12.40,r1
            2,2026-04-27T17:00:00Z,3.10,r2
            3,2026-04-26T18:00:00Z,8.00,r3
            4,2026-03-28T16:00:00Z,21.00,r4
            5,2026-03-29T16:00:00Z,5.25,r5
            6,2026-02-26T16:00:00Z,2.00,r6
            7,2026-02-11T16:00:00Z,7.75,r7
            8,2026-04-27T16:00:00Z,1.00,r8",
        ),
        (
            "2026-06-02T00:00",
            Events,
            "event,at,customer_id,key,message,channel,event_id,source
            clicked,2026-06-01T20:00:00Z,2,,offer,email,e1,mail",
        ),
        (
            "2026-06-03T18:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id,points_spent
            3,2026-06-03T17:00:00Z,19.00,r9,40
            8,2026-06-03T17:30:00Z,1.00,r10,0",
        ),
        (
            "2026-06-05T20:00",
            Consents,
            "customer_id,channel,granted,at,source,wording
            7,sms,no,2026-06-05T19:00:00Z,phone,",
        ),
        (
            "2026-06-08T20:00",
            Returns,
            "external_id,returned_at,amount
            r9,2026-06-08T19:00:00Z,9.00",
        ),
        (
            "2026-06-20T20:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            1,2026-06-20T16:00:00Z,2.00,r11
            2,2026-06-20T16:00:00Z,2.00,r12
            4,2026-06-20T16:00:00Z,2.00,r14
            5,2026-06-20T16:00:00Z,2.00,r15",
        ),
    ],
};

const MALL: Script = Script {
    project: "mall",
    from: "2026-06-01T13:00",
    to: "2026-07-20T00:00",
    restarts: &["2026-06-02T00:00"],
    deliveries: &[
        (
            "2026-06-01T13:00",
            Customers,
            "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push
            1,Ada,+12025550101,m1@example.com,card-1,yes,yes,yes
            2,Ben,,m2@example.com,card-dead,no,yes,yes
            3,Cleo,+12025550103,m3@example.com,card-3,yes,yes,yes
            4,Dan,+12025550104-dead,m4@example.com,card-4,yes,yes,yes
            5,Eve,+12025550105,m5@example.com,card-5,yes,yes,yes
            6,Fay,+12025550106,m6@example.com,card-6,yes,yes,yes
            7,Gil,+12025550107,m7@example.com,card-7,yes,yes,yes
            8,Hal,+12025550108,m8@example.com,,yes,yes,no
            9,Ida,+12025550109,m9@example.com,card-9,yes,yes,yes
            10,Jan,+12025550110,,,yes,no,no",
        ),
        (
            "2026-06-01T13:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id,brand,points_earned
            1,2026-04-22T16:00:00Z,30.00,r1,books,30
            2,2026-03-23T16:00:00Z,12.00,r2,discs,12
            3,2026-05-12T16:00:00Z,15.00,r3,discs,0
            4,2026-05-12T16:10:00Z,15.00,r4,discs,0
            5,2026-05-12T16:20:00Z,15.00,r5,discs,0
            6,2026-05-12T16:30:00Z,15.00,r6,discs,0
            7,2026-04-12T16:00:00Z,40.00,r7,toys,0
            7,2026-05-10T16:00:00Z,10.00,r8,books,0
            8,2026-04-12T17:00:00Z,40.00,r9,toys,0
            8,2026-05-10T17:00:00Z,10.00,r10,books,0
            9,2026-03-10T16:00:00Z,60.00,r11,books,0
            9,2026-04-10T16:00:00Z,60.00,r12,discs,0
            9,2026-05-26T16:00:00Z,60.00,r13,toys,0
            10,2026-03-10T17:00:00Z,60.00,r14,books,0
            10,2026-04-10T17:00:00Z,60.00,r15,discs,0
            10,2026-05-26T17:00:00Z,60.00,r16,toys,0",
        ),
        (
            "2026-06-01T13:00",
            Promo,
            "pool,code
            books,BOOK-1
            books,BOOK-2
            books,BOOK-3",
        ),
        (
            "2026-06-04T20:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id,brand,points_spent,points_earned
            9,2026-06-04T18:00:00Z,50.00,r17,toys,0,5
            7,2026-06-04T19:00:00Z,20.00,r18,toys,100,0",
        ),
        (
            "2026-06-06T20:00",
            Returns,
            "external_id,returned_at,amount
            r17,2026-06-06T18:00:00Z,
            r18,2026-06-06T19:00:00Z,5.00",
        ),
    ],
};

const QUIET_CHURN: Script = Script {
    project: "quiet-churn",
    from: "2017-10-16T13:00",
    to: "2017-11-20T00:00",
    restarts: &["2017-10-18T00:00"],
    deliveries: &[
        (
            "2017-10-16T13:00",
            Customers,
            "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push,tags,churn
            1,Ada,+12165550101,c1@example.com,card-1,yes,yes,yes,,70%
            2,Ben,+12165550102,c2@example.com,,yes,yes,no,,80%
            3,Cleo,+12165550103,c3@example.com,card-3,yes,yes,yes,,65%
            4,Dan,+12165550104,c4@example.com,card-dead,yes,yes,yes,,61%
            5,Eve,+12165550105,c5@example.com,card-5,yes,yes,yes,,45%
            6,Fay,+12165550106,c6@example.com,card-6,yes,yes,yes,,50%
            7,Gil,+12165550107,c7@example.com,card-7,yes,yes,yes,q3,75%",
        ),
        (
            "2017-10-16T13:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            1,2017-06-01T16:00:00Z,4.00,r1
            2,2017-06-02T16:00:00Z,4.00,r2
            3,2017-10-01T16:00:00Z,4.00,r3
            4,2017-10-02T16:00:00Z,4.00,r4
            5,2017-10-03T16:00:00Z,20.00,r5
            6,2017-10-04T16:00:00Z,35.00,r6
            7,2017-10-05T16:00:00Z,35.00,r7",
        ),
        (
            "2017-10-19T20:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            3,2017-10-19T18:00:00Z,8.00,r8
            1,2017-10-19T19:00:00Z,6.00,r9",
        ),
        (
            "2017-10-21T20:00",
            Returns,
            "external_id,returned_at,amount
            r8,2017-10-21T18:00:00Z,4.00",
        ),
    ],
};

const WINBACK: Script = Script {
    project: "winback",
    from: "2026-06-01T04:00",
    to: "2026-07-10T00:00",
    restarts: &["2026-06-01T05:00"],
    deliveries: &[
        (
            "2026-06-01T04:00",
            Customers,
            "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push
            1,Ада,+79995550101,w1@example.com,card-1,yes,yes,yes
            2,Борис,busy-79995550102,w2@example.com,card-dead,yes,yes,yes
            3,Вера,,w3@example.com,,no,yes,no
            4,Глеб,+79995550104,w4@example.com,card-4,yes,yes,yes
            5,Дина,+79995550105,w5@example.com,card-5,yes,yes,yes
            6,Егор,,w6@example.com,,no,yes,no",
        ),
        (
            "2026-06-01T04:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            1,2026-04-27T09:00:00Z,1900.00,r1
            2,2026-03-28T09:00:00Z,500.00,r2
            3,2026-02-26T09:00:00Z,700.50,r3
            4,2026-04-26T09:00:00Z,100.00,r4
            5,2026-04-27T10:00:00Z,1900.00,r6
            6,2026-02-26T10:00:00Z,700.50,r7",
        ),
        (
            "2026-06-03T09:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id,points_spent
            4,2026-06-03T08:00:00Z,2500.00,r5,100",
        ),
    ],
};

const REACTIVATE: Script = Script {
    project: "reactivate",
    from: "2026-04-01T04:00",
    to: "2026-05-20T00:00",
    restarts: &["2026-04-02T06:00"],
    deliveries: &[
        (
            "2026-04-01T04:00",
            Customers,
            "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push,churn
            1,Ада,+79995550101,r1@example.com,card-1,yes,yes,yes,20%
            2,Борис,+79995550102,r2@example.com,card-2,yes,yes,yes,30%
            3,Вера,+79995550103,r3@example.com,,yes,yes,no,30%
            5,Дина,+79995550105,r5@example.com,card-dead,yes,yes,yes,40%
            9,Инна,+79995550109,r9@example.com,card-9,yes,yes,yes,40%
            10,Кира,+79995550110,r10@example.com,card-10,yes,yes,yes,40%
            7,Жанна,,r7@example.com,card-7,no,yes,yes,40%
            8,Захар,+79995550108,r8@example.com,card-8,yes,yes,yes,40%",
        ),
        (
            "2026-04-01T04:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id,categories
            1,2026-01-20T09:00:00Z,25000.00,r1,shoes
            2,2026-01-21T09:00:00Z,900.00,r2,kids
            3,2026-01-21T10:00:00Z,900.00,r3,kids
            9,2026-01-22T09:00:00Z,900.00,r4,shoes
            5,2026-01-22T10:00:00Z,900.00,r5,shoes
            10,2026-01-22T11:00:00Z,900.00,r6,shoes
            7,2026-01-22T12:00:00Z,900.00,r7,shoes
            8,2026-01-22T13:00:00Z,900.00,r8,shoes",
        ),
        (
            "2026-04-01T04:00",
            Promo,
            "pool,code
            toys,TOY-1
            toys,TOY-2
            toys,TOY-3",
        ),
        (
            "2026-04-03T09:00",
            Purchases,
            "customer_id,purchased_at,amount,external_id
            1,2026-04-03T08:00:00Z,3000.00,r9",
        ),
        (
            "2026-04-03T10:00",
            Events,
            "event,at,customer_id,key,message,channel,event_id,source
            clicked,2026-04-03T09:30:00Z,8,,offer,,e1,mail",
        ),
    ],
};
