//! The languages in which days, places and the commonest questions are understood, each as lists of words.
//!
//! English is always read; a sentence that has more words of another language is read in that one, too.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::words::normalise;

/// What is known of a language. All words are [folded](fold), and separated by spaces.
pub(crate) struct Language {
    /// Commonest words of questions and sentences, by which the language is known and which say nothing of a subject.
    common: &'static str,
    /// Prepositions after which a place is named.
    pub(crate) at: &'static [&'static str],
    /// Prepositions after which a place may be named, but often something else is.
    pub(crate) perhaps_at: &'static [&'static str],
    /// "the": after them a place needs to be known or written with a capital.
    pub(crate) articles: &'static [&'static str],
    /// "my", "a": after them no place is named.
    pub(crate) determiners: &'static [&'static str],
    /// What may be asked of a place: "weather", "time".
    pub(crate) subjects: &'static [&'static str],
    /// What the words mean for days.
    days: &'static [(Meaning, &'static str)],
    /// The months from January; variants are separated by a bar.
    months: &'static str,
    /// The days of the week from Monday.
    weekdays: &'static str,
    /// The numbers from one.
    numbers: &'static str,
}

/// What a word can mean for days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// So many days from today.
    Day(i32),
    /// From Monday, 0.
    Weekday(i8),
    /// From January, 1.
    Month(i8),
    Number(i32),
    /// "this".
    This,
    /// "next": of the week after this one.
    Next,
    /// "coming": the nearest ahead.
    Coming,
    /// "last".
    Last,
    Unit(Unit),
    /// "in" so many days.
    In,
    /// So many days "ago".
    Ago,
    /// "vor" so many days: ahead of the number.
    Before,
    /// "since".
    Since,
    /// "until".
    Until,
    /// "after".
    After,
    /// "to", "and": between two days.
    Join,
    /// "morning": which ends at this hour.
    Part(i8),
    /// "stamattina": the same of today, in one word.
    PartOfToday(i8),
    /// "later": what is left of today.
    Later,
    /// Says that it is about the present.
    Now,
    /// "the", "of", "on": may stand inside and ahead of a day.
    Small,
    /// "was": it is about the past.
    Was,
    /// "good": ahead of a part of the day it is a greeting.
    Good,
    /// A time that is known to be one, and not which.
    Unclear,
}

impl Meaning {
    /// Says when only by what the time is now, or by another time; days of the week and months have names.
    pub(crate) fn is_relative(self) -> bool {
        match self {
            Self::Day(_)
            | Self::This
            | Self::Next
            | Self::Coming
            | Self::Last
            | Self::Unit(_)
            | Self::Ago
            | Self::Before
            | Self::Since
            | Self::Until
            | Self::After
            | Self::Part(_)
            | Self::PartOfToday(_)
            | Self::Later
            | Self::Now => true,
            Self::Weekday(_)
            | Self::Month(_)
            | Self::Number(_)
            | Self::In
            | Self::Join
            | Self::Small
            | Self::Was
            | Self::Good
            | Self::Unclear => false,
        }
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Week,
    Weekend,
    Month,
    Year,
}

impl Language {
    /// The languages of a sentence: English, and another one if more of its words are in it.
    pub(crate) fn of(sentence: &str) -> Vec<&'static Self> {
        let words: Vec<String> = fold(sentence).split(' ').map(str::to_owned).collect();
        let knows = |language: &Self, word: &str| language.is_common(word) || language.meaning(word).is_some();
        let count = |language: &Self| words.iter().filter(|word| knows(language, word)).count();
        let other =
            OTHERS.iter().rev().max_by_key(|language| count(language)).filter(|other| count(other) > count(&ENGLISH));
        other.into_iter().chain([&ENGLISH]).collect()
    }

    /// What a word means for days.
    pub(crate) fn meaning(&self, word: &str) -> Option<Meaning> {
        let nth = |at: usize| i8::try_from(at).ok();
        let day = GERMAN_PARTS
            .iter()
            .find_map(|part| word.strip_suffix(part))
            .filter(|day| day.ends_with("tag") || *day == "mittwoch");
        let word = day.unwrap_or(word);
        let at = |list: &str| list.split(' ').position(|names| names.split('|').any(|name| name == word));
        if let Some(weekday) = at(self.weekdays).and_then(nth) {
            return Some(Meaning::Weekday(weekday));
        }
        if let Some(month) = at(self.months).and_then(nth) {
            return Some(Meaning::Month(month + 1));
        }
        if let Some(number) = at(self.numbers).and_then(|at| i32::try_from(at).ok()) {
            return Some(Meaning::Number(number + 1));
        }
        self.days.iter().find(|(_, words)| words.split(' ').any(|other| other == word)).map(|(meaning, _)| *meaning)
    }

    /// Whether a word is so common that it says nothing of a subject.
    pub(crate) fn is_common(&self, word: &str) -> bool {
        self.common.split(' ').any(|common| common == word)
    }
}

/// What is written in one word with a day of the week.
const GERMAN_PARTS: [&str; 6] = ["nachmittag", "vormittag", "mittag", "morgen", "abend", "nacht"];

/// The words of a text in lower case and without accents, with one space between them.
pub(crate) fn fold(text: &str) -> String {
    let plain: String = text.nfd().filter(|character| !is_combining_mark(*character)).collect();
    normalise(&plain.replace('ß', "ss").replace(['ø', 'Ø'], "o").replace(['ł', 'Ł'], "l"))
}

pub(crate) const ENGLISH: Language = Language {
    common: "what whats is are the it of do does did was were i my our we have has will would can could when where how \
             in on at for to and be there going please tell me now right this that next last",
    at: &["in", "at", "near"],
    perhaps_at: &["to", "around", "for"],
    articles: &["the"],
    determiners: &[
        "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "any", "some", "which", "what",
    ],
    subjects: &["time", "weather", "forecast", "temperature", "timezone"],
    days: &[
        (Meaning::Day(0), "today todays"),
        (Meaning::Day(1), "tomorrow tomorrows"),
        (Meaning::Day(-1), "yesterday yesterdays"),
        (Meaning::This, "this"),
        (Meaning::Next, "next"),
        (Meaning::Coming, "coming upcoming following"),
        (Meaning::Last, "last previous past"),
        (Meaning::Unit(Unit::Day), "day days"),
        (Meaning::Unit(Unit::Week), "week weeks"),
        (Meaning::Unit(Unit::Weekend), "weekend weekends"),
        (Meaning::Unit(Unit::Month), "month months"),
        (Meaning::Unit(Unit::Year), "year years"),
        (Meaning::In, "in"),
        (Meaning::Ago, "ago"),
        (Meaning::Before, "before"),
        (Meaning::Since, "since"),
        (Meaning::Until, "until till by"),
        (Meaning::After, "after"),
        (Meaning::Join, "to and or through"),
        (Meaning::Part(12), "morning"),
        (Meaning::Part(13), "noon midday lunchtime"),
        (Meaning::Part(18), "afternoon"),
        (Meaning::Part(24), "evening night midnight"),
        (Meaning::PartOfToday(24), "tonight"),
        (Meaning::Later, "later"),
        (Meaning::Now, "now currently"),
        (Meaning::Small, "the of on at for from during over between"),
        (Meaning::Was, "did was were had"),
        (Meaning::Good, "good"),
        (
            Meaning::Unclear,
            "easter christmas thanksgiving ramadan halloween passover pentecost quarter fortnight decade century \
             semester spring summer autumn winter",
        ),
    ],
    months: "january|jan february|feb march april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov \
             december|dec",
    weekdays: "monday|mondays|mon tuesday|tuesdays|tue|tues wednesday|wednesdays|wed thursday|thursdays|thu|thurs \
               friday|fridays|fri saturday|saturdays|sat sunday|sundays|sun",
    numbers: "one|a|an two|couple three four five six seven eight nine ten eleven twelve thirteen fourteen",
};

/// Where words are the same, the commoner language first.
const OTHERS: [Language; 6] = [
    Language {
        common: "wie wird ist das es was wann wo der die den dem ein eine einen mein meine meinen mit habe haben hat ich wir \
                 am im in um und fur bei nach zu wetter spat uhr termin termine gerade jetzt bitte heute werden sind \
                 welcher welche welches noch uber von mir vor an zum zur guten",
        at: &["in", "bei", "nahe"],
        perhaps_at: &["fur", "nach", "um"],
        articles: &["der", "die", "das", "den", "dem", "im", "zum", "zur"],
        determiners: &[
            "ein", "eine", "einen", "einem", "einer", "mein", "meine", "meinen", "meinem", "meiner", "diese", "dieser",
            "diesem",
        ],
        subjects: &["wetter", "uhrzeit", "zeit", "temperatur", "vorhersage", "wettervorhersage"],
        days: &[
            (Meaning::Day(0), "heute"),
            (Meaning::Day(1), "morgen"),
            (Meaning::Day(2), "ubermorgen"),
            (Meaning::Day(-1), "gestern"),
            (Meaning::Day(-2), "vorgestern"),
            (Meaning::This, "diese dieser dieses diesen diesem"),
            (Meaning::Next, "nachste nachster nachstes nachsten nachstem"),
            (Meaning::Coming, "kommende kommender kommendes kommenden"),
            (
                Meaning::Last,
                "letzte letzter letztes letzten letztem vorige voriges vorigen vergangene vergangenes vergangenen",
            ),
            (Meaning::Unit(Unit::Day), "tag tage tagen"),
            (Meaning::Unit(Unit::Week), "woche wochen"),
            (Meaning::Unit(Unit::Weekend), "wochenende wochenenden"),
            (Meaning::Unit(Unit::Month), "monat monate monaten monats"),
            (Meaning::Unit(Unit::Year), "jahr jahre jahren"),
            (Meaning::In, "in"),
            (Meaning::Before, "vor"),
            (Meaning::Since, "seit"),
            (Meaning::Until, "bis"),
            (Meaning::After, "nach"),
            (Meaning::Join, "und oder bis"),
            (Meaning::Part(12), "vormittag vormittags fruh morgens"),
            (Meaning::Part(13), "mittag mittags"),
            (Meaning::Part(18), "nachmittag nachmittags"),
            (Meaning::Part(24), "abend abends nacht nachts"),
            (Meaning::Now, "jetzt gerade momentan aktuell"),
            (Meaning::Small, "am im an den der die dem des das von vom zum"),
            (Meaning::Was, "war waren hatte hatten gab"),
            (Meaning::Good, "guten gute guter"),
            (
                Meaning::Unclear,
                "ostern weihnachten pfingsten quartal ubernachste ubernachsten ubernachster ubernachstes fruhling fruhjahr sommer herbst winter",
            ),
        ],
        months: "januar|janner februar marz april mai juni juli august september oktober november dezember",
        weekdays: "montag|montags dienstag|dienstags mittwoch|mittwochs donnerstag|donnerstags freitag|freitags \
                   samstag|samstags|sonnabend sonntag|sonntags",
        numbers: "ein|eine|einem|einer|einen zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn",
    },
    Language {
        common: "quel quelle quelles est il fait le la les un une de des du que quest qu ce cest mon ma mes ai jai avec et en a \
                 au aux pour sera va fera meteo heure temps y t je nous avons quand ou demain aujourdhui prochain prochaine \
                 rendez vous s",
        at: &["a", "en", "au", "aux", "dans", "pres"],
        perhaps_at: &["pour", "de", "vers"],
        articles: &["le", "la", "les", "l"],
        determiners: &["un", "une", "mon", "ma", "mes", "ce", "cette", "cet", "quel", "quelle"],
        subjects: &["temps", "meteo", "heure", "temperature", "previsions"],
        days: &[
            (Meaning::Day(0), "aujourdhui"),
            (Meaning::Day(1), "demain"),
            (Meaning::Day(-1), "hier"),
            (Meaning::This, "ce cet cette"),
            (Meaning::Next, "prochain prochaine prochains prochaines"),
            (Meaning::Last, "dernier derniere derniers dernieres passe passee"),
            (Meaning::Unit(Unit::Day), "jour jours"),
            (Meaning::Unit(Unit::Week), "semaine semaines"),
            (Meaning::Unit(Unit::Weekend), "weekend"),
            (Meaning::Unit(Unit::Month), "mois"),
            (Meaning::Unit(Unit::Year), "an ans annee annees"),
            (Meaning::In, "dans"),
            (Meaning::Before, "avant"),
            (Meaning::Since, "depuis"),
            (Meaning::Until, "jusqua jusquau"),
            (Meaning::After, "apres"),
            (Meaning::Join, "et ou au a"),
            (Meaning::Part(12), "matin"),
            (Meaning::Part(13), "midi"),
            (Meaning::Part(24), "soir soiree nuit"),
            (Meaning::Now, "maintenant actuellement"),
            (Meaning::Small, "le la les du de des au en l d"),
            (Meaning::Was, "etait etais avais avait avions eu"),
            (Meaning::Good, "bon bonne"),
            (Meaning::Unclear, "paques noel toussaint trimestre quinzaine printemps ete automne hiver"),
        ],
        months: "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        weekdays: "lundi|lundis mardi|mardis mercredi|mercredis jeudi|jeudis vendredi|vendredis samedi|samedis dimanche|dimanches",
        numbers: "un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze",
    },
    Language {
        common: "que es la el los las un una de del en con hora horas tiempo hace hara va a mi mis tengo hay cuando donde como \
                 esta y por para manana hoy al sera son cual estara llover reunion cita proxima proximo",
        at: &["en"],
        perhaps_at: &["para", "de", "a"],
        articles: &["el", "la", "los", "las"],
        determiners: &["un", "una", "mi", "mis", "este", "esta", "nuestro", "nuestra"],
        subjects: &["tiempo", "clima", "hora", "temperatura", "pronostico"],
        days: &[
            (Meaning::Day(0), "hoy"),
            (Meaning::Day(1), "manana"),
            (Meaning::Day(-1), "ayer"),
            (Meaning::Day(-2), "anteayer"),
            (Meaning::This, "este esta estos estas"),
            (Meaning::Next, "proximo proxima proximos proximas siguiente viene"),
            (Meaning::Last, "pasado pasada ultimo ultima ultimos ultimas"),
            (Meaning::Unit(Unit::Day), "dia dias"),
            (Meaning::Unit(Unit::Week), "semana semanas"),
            (Meaning::Unit(Unit::Weekend), "finde"),
            (Meaning::Unit(Unit::Month), "mes meses"),
            (Meaning::Unit(Unit::Year), "ano anos"),
            (Meaning::In, "en dentro"),
            (Meaning::Ago, "atras"),
            (Meaning::Before, "hace antes"),
            (Meaning::Since, "desde"),
            (Meaning::Until, "hasta"),
            (Meaning::After, "despues tras"),
            (Meaning::Join, "y o al a"),
            (Meaning::Part(13), "mediodia"),
            (Meaning::Part(20), "tarde"),
            (Meaning::Part(24), "noche"),
            (Meaning::Now, "ahora actualmente"),
            (Meaning::Small, "el la los las de del en por que para"),
            (Meaning::Was, "tuve tenia tuvimos fue era hubo estaba"),
            (Meaning::Good, "buenas buenos"),
            (Meaning::Unclear, "pascua navidad trimestre quincena primavera verano otono invierno"),
        ],
        months: "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
        weekdays: "lunes martes miercoles jueves viernes sabado|sabados domingo|domingos",
        numbers: "un|una|uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce",
    },
    Language {
        common: "que o os as um uma de do da dos das em no na nos nas com hora horas tempo sao e esta vai fazer meu minha meus \
                 minhas tenho ha quando onde como para hoje amanha previsao chover qual estou por ao reuniao proxima proximo \
                 ontem faz vou tem",
        at: &["em", "no", "na", "nos", "nas"],
        perhaps_at: &["para", "de", "do", "da", "a"],
        articles: &["o", "a", "os", "as"],
        determiners: &["um", "uma", "meu", "minha", "meus", "minhas", "este", "esta", "nosso", "nossa"],
        subjects: &["tempo", "clima", "hora", "horas", "temperatura", "previsao"],
        days: &[
            (Meaning::Day(0), "hoje"),
            (Meaning::Day(1), "amanha"),
            (Meaning::Day(-1), "ontem"),
            (Meaning::Day(-2), "anteontem"),
            (Meaning::This, "este esta estes estas neste nesta"),
            (Meaning::Next, "proximo proxima proximos proximas vem seguinte"),
            (Meaning::Last, "passado passada ultimo ultima ultimos ultimas"),
            (Meaning::Unit(Unit::Day), "dia dias"),
            (Meaning::Unit(Unit::Week), "semana semanas"),
            (Meaning::Unit(Unit::Weekend), "weekend"),
            (Meaning::Unit(Unit::Month), "mes meses"),
            (Meaning::Unit(Unit::Year), "ano anos"),
            (Meaning::In, "em daqui dentro"),
            (Meaning::Ago, "atras"),
            (Meaning::Before, "ha antes"),
            (Meaning::Since, "desde"),
            (Meaning::Until, "ate"),
            (Meaning::After, "depois apos"),
            (Meaning::Join, "e ou a ao"),
            (Meaning::Part(12), "manha"),
            (Meaning::Part(20), "tarde"),
            (Meaning::Part(24), "noite"),
            (Meaning::Now, "agora atualmente"),
            (Meaning::Small, "o a os as de do da em no na nos nas para por que feira"),
            (Meaning::Was, "tive tinha tivemos foi era houve estava"),
            (Meaning::Good, "bom boa"),
            (Meaning::Unclear, "pascoa natal carnaval trimestre quinzena primavera verao outono inverno"),
        ],
        months: "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        weekdays: "segunda terca quarta quinta sexta sabado|sabados domingo|domingos",
        numbers: "um|uma dois|duas tres quatro cinco seis sete oito nove dez onze doze treze catorze",
    },
    Language {
        common: "che il lo la i gli le un una di del della in con ora ore tempo sono e fa fara mio mia miei ho c ce quando dove \
                 come per oggi domani piove piovera al alla meteo sara qual quale adesso prossimo prossima riunione \
                 appuntamento a ieri abbiamo nel",
        at: &["a", "in", "ad", "nel", "nella", "negli"],
        perhaps_at: &["per", "di"],
        articles: &["il", "la", "lo", "i", "gli", "le", "l"],
        determiners: &["un", "una", "mio", "mia", "miei", "mie", "questo", "questa"],
        subjects: &["tempo", "meteo", "ora", "ore", "temperatura", "previsioni"],
        days: &[
            (Meaning::Day(0), "oggi"),
            (Meaning::Day(1), "domani domattina"),
            (Meaning::Day(2), "dopodomani"),
            (Meaning::Day(-1), "ieri"),
            (Meaning::This, "questo questa questi queste"),
            (Meaning::Next, "prossimo prossima prossimi prossime"),
            (Meaning::Last, "scorso scorsa scorsi scorse ultimo ultima ultimi ultime"),
            (Meaning::Unit(Unit::Day), "giorno giorni"),
            (Meaning::Unit(Unit::Week), "settimana settimane"),
            (Meaning::Unit(Unit::Weekend), "weekend finesettimana"),
            (Meaning::Unit(Unit::Month), "mese mesi"),
            (Meaning::Unit(Unit::Year), "anno anni"),
            (Meaning::In, "tra fra"),
            (Meaning::Ago, "fa"),
            (Meaning::Before, "prima"),
            (Meaning::Since, "da dal"),
            (Meaning::Until, "fino entro"),
            (Meaning::After, "dopo"),
            (Meaning::Join, "e o al a"),
            (Meaning::Part(12), "mattina mattino"),
            (Meaning::Part(13), "mezzogiorno"),
            (Meaning::Part(18), "pomeriggio"),
            (Meaning::Part(24), "sera notte"),
            (Meaning::PartOfToday(12), "stamattina"),
            (Meaning::PartOfToday(24), "stasera stanotte"),
            (Meaning::Now, "adesso ora attualmente"),
            (Meaning::Small, "il la lo i le gli di del della in nel per a al l"),
            (Meaning::Was, "avevo avevamo era erano avuto"),
            (Meaning::Good, "buon buona"),
            (Meaning::Unclear, "pasqua natale ferragosto trimestre primavera estate autunno inverno"),
        ],
        months: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        weekdays: "lunedi martedi mercoledi giovedi venerdi sabato domenica",
        numbers: "un|uno|una due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici",
    },
    Language {
        common: "hoe laat is het de een van wat wanneer waar weer wordt mijn ik heb hebben we wij met en in op te voor bij \
                 vandaag morgen afspraak afspraken volgende regenen gaat er zijn aan naar nu welke komende",
        at: &["in", "te", "bij"],
        perhaps_at: &["voor", "naar", "rond"],
        articles: &["de", "het"],
        determiners: &["een", "mijn", "onze", "deze", "dit"],
        subjects: &["weer", "tijd", "weerbericht", "temperatuur", "weersverwachting"],
        days: &[
            (Meaning::Day(0), "vandaag"),
            (Meaning::Day(1), "morgen morgenochtend morgenmiddag morgenavond"),
            (Meaning::Day(2), "overmorgen"),
            (Meaning::Day(-1), "gisteren"),
            (Meaning::Day(-2), "eergisteren"),
            (Meaning::This, "deze dit"),
            (Meaning::Next, "volgende volgend"),
            (Meaning::Coming, "komende komend aanstaande"),
            (Meaning::Last, "vorige vorig afgelopen laatste"),
            (Meaning::Unit(Unit::Day), "dag dagen"),
            (Meaning::Unit(Unit::Week), "week weken"),
            (Meaning::Unit(Unit::Weekend), "weekend weekeinde"),
            (Meaning::Unit(Unit::Month), "maand maanden"),
            (Meaning::Unit(Unit::Year), "jaar jaren"),
            (Meaning::In, "over"),
            (Meaning::Ago, "geleden"),
            (Meaning::Before, "voor"),
            (Meaning::Since, "sinds"),
            (Meaning::Until, "tot"),
            (Meaning::After, "na"),
            (Meaning::Join, "en of tot"),
            (Meaning::Part(12), "ochtend"),
            (Meaning::Part(18), "middag"),
            (Meaning::Part(24), "avond nacht"),
            (Meaning::PartOfToday(12), "vanochtend vanmorgen"),
            (Meaning::PartOfToday(18), "vanmiddag"),
            (Meaning::PartOfToday(24), "vanavond vannacht"),
            (Meaning::Now, "nu momenteel"),
            (Meaning::Small, "de het op in van aan"),
            (Meaning::Was, "was waren had hadden"),
            (Meaning::Good, "goede"),
            (Meaning::Unclear, "pasen kerst kerstmis pinksteren kwartaal lente zomer herfst winter"),
        ],
        months: "januari februari maart april mei juni juli augustus september oktober november december",
        weekdays: "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        numbers: "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_known_by_its_commonest_words() {
        let is = |sentence: &str, word: &str| Language::of(sentence)[0].meaning(word).is_some();
        assert!(is("Wie wird das Wetter morgen?", "morgen"));
        assert!(is("¿Qué tiempo hará mañana en Londres?", "manana"));
        assert!(is("Quel temps fera-t-il demain ?", "demain"));
        assert!(is("Como vai estar o tempo amanhã?", "amanha"));
        assert!(is("Che tempo farà domani?", "domani"));
        assert!(is("Hoe wordt het weer morgen?", "overmorgen"));
        assert!(!is("What is the weather like here?", "hier"));
    }

    #[test]
    fn accents_and_case_are_folded() {
        assert_eq!(fold("São  Paulo, MÜNCHEN!"), "sao paulo munchen");
        assert_eq!(fold("Gdańsk / Łódź / Gießen"), "gdansk lodz giessen");
    }
}
