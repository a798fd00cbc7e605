namespace Rmt.Adapter;

/// <summary>What generated text is made of beside invented words. No name, place or direction of the memory tasks is among them.</summary>
internal static class EnglishWords
{
    /// <summary>Most frequent first: half of any English text.</summary>
    public static readonly string[] Little = Of("""
        the of and to a in that is was it for as with be by on not he i this are or his from at which but have an had they you were their one all we can her has there been if more when will
        would who so no she other its may these what them than some him time into only could new then do any my now such like our over man me even most made after also did many off before must
        through years where much your way well down should because each just those people too mr how little state good very make world still see own work long here get both between life being under
        never day same another know while last might us great year since against go came right used take three himself few use without again place around however small found thought went say part
        once general high upon school every don't does got united left number until always something fact though less public put almost enough far took yet better nothing end why tell didn't
        eyes find going look asked later knew perhaps let toward really along among within certain became anything
        """);

    public static readonly string[] Nouns = Of("""
        farmer teacher doctor painter sailor baker merchant captain writer engineer soldier singer judge poet student visitor neighbour child horse bird dog fox wolf cat king queen president
        minister senator actor actress director critic audience hero villain friend enemy family father mother brother sister son daughter wife husband crowd crew army nation people country
        government congress constitution law justice peace war freedom liberty power duty union republic citizen tax treasury trade industry labor money bank market price army navy treaty
        policy program budget reform security health education science energy policy film movie scene story plot script dialogue character role performance comedy drama thriller romance action
        sequel series effect camera music score song dance picture screen star studio summer winter spring autumn morning evening night week month century hour moment age history future past
        letter bridge lamp river mountain boat clock coat coin mirror piano ship stone tree wheel window book map machine flower field tower train basket blanket candle drum engine fence glass
        hammer island ladder newspaper promise rumour secret house wall door table chair bed box bag key road path street car bus plane ticket phone computer number word name page line sentence
        question answer reason cause result problem idea plan dream hope fear love hate anger joy truth lie chance choice change rule order system group team party club church hospital prison
        court farm forest desert sea ocean lake beach storm rain snow wind fire water earth sky sun moon light shadow colour sound voice noise silence smell taste touch hand head
        face eye ear nose mouth arm leg foot heart mind body blood bone skin hair bread milk meat fish fruit apple sugar salt tea coffee wine beer oil gold silver iron steel wood paper cloth
        leather plastic weapon gun sword knife shot fight battle victory defeat murder crime police detective thief trial sense humour style taste fun joke surprise twist ending beginning middle
        """);

    /// <summary>In the past tense.</summary>
    public static readonly string[] Verbs = Of("""
        found carried remembered watched painted repaired described forgot bought sold admired studied lost noticed hid collected ignored protected wanted drew measured followed discovered
        questioned saw heard felt knew thought believed understood liked loved hated feared needed used made built broke opened closed cut burned cleaned washed cooked ate drank gave took kept
        held threw caught hit kicked pushed pulled raised lowered filled emptied covered wrote read told asked answered called named praised blamed accused defended attacked destroyed saved
        helped taught learned showed played won led served joined met married visited entered crossed reached passed chose refused accepted offered promised planned tried failed expected
        supported opposed signed declared established maintained directed produced filmed delivered created played deserved
        """);

    public static readonly string[] Adjectives = Of("""
        old young quiet clever heavy small broken bright careful famous gentle hungry narrow patient proud simple strange tall tired warm wooden golden honest lonely good bad great little new big
        large high low long short early late important public private free full empty strong weak rich poor hard soft easy difficult fast slow hot cold dry wet clean dirty dark light deep wide
        thick thin round flat sharp sweet bitter fresh funny serious dull boring exciting beautiful ugly perfect terrible awful decent solid original predictable violent romantic political
        national foreign federal common special real true false possible impossible necessary certain likely sure ready happy sad angry afraid brave calm cruel kind fair wise foolish sick
        healthy dead alive red green blue white black brown grey yellow american british french german human natural modern ancient single double whole entire next final
        """);

    public static readonly string[] Adverbs = Of("""
        slowly quickly quietly suddenly finally really very quite rather almost nearly hardly never always often sometimes usually again already still soon later today yesterday tomorrow
        together apart perhaps certainly clearly simply merely only mostly especially particularly unfortunately fortunately carefully badly well
        """);

    public static readonly string[] Prepositions = Of("of in on at by for with from about over under behind between before after during against without through across near around beyond inside outside");

    public static readonly string[] Joints = Of("and but or so while because although when until unless since where whereas though");

    public static readonly string[] Motions = ["moved", "went", "went back", "journeyed", "travelled", "walked", "ran", "returned", "hurried", "drove", "came", "sailed", "flew", "rode", "wandered"];

    public static readonly string[] Names = Of("""
        Peter Anna Paul Susan James Robert Linda Michael William David Elizabeth Barbara Richard Jennifer Thomas Charles Margaret Lisa Karen Nancy Betty Helen George Kenneth Steven Edward Brian
        Ronald Anthony Kevin Jason Laura Sarah Kimberly Deborah Jessica Cynthia Angela Melissa Brenda Amy Rebecca Virginia Kathleen Pamela Martha Debra Amanda Stephanie Carolyn Christine Marie
        Janet Catherine Frances Ann Joyce Diane Alice Julie Heather Teresa Doris Gloria Evelyn Jean Cheryl Mildred Katherine Joan Ashley Judith Rose Janice Kelly Nicole Judy Christina Kathy
        Jefferson Adams Madison Monroe Jackson Lincoln Grant Wilson Roosevelt Truman Kennedy Johnson Nixon Ford Carter Reagan Bush Clinton Gibson Hanks Spielberg Cameron Lucas Scott Smith Brown
        """);

    public static readonly string[] Places = Of("""
        station market harbour castle library museum theatre village school church bridge tower forest river farm mill hotel hospital prison palace airport beach cellar attic stable barn shop
        bakery factory field park square street tavern temple camp cave well porch balcony cabin courtyard lobby lounge studio pantry workshop playground classroom
        """);

    public static readonly string[] Cities = Of("""
        London Paris Berlin Rome Madrid Vienna Moscow Boston Chicago Washington Philadelphia Texas Virginia California Ohio Kansas Mexico Canada England France Germany Spain Italy Russia China
        Japan India Egypt Cuba Africa Europe Asia America Hollywood
        """);

    public static readonly string[] Openings =
    [
        "In the early morning", "After a long winter", "Towards the end of the year", "As the rain began to fall", "For the first time in months", "On a quiet afternoon",
        "Without any warning", "Late in the summer", "Before the sun rose", "While the wind grew stronger", "Once the music had ended", "During the second week",
        "To the surprise of many", "Not long after", "Despite the cold", "Some years later", "On the other hand", "In fact", "Of course", "At the same time", "For example", "However",
    ];

    public static readonly string[] Endings =
    [
        "with great care", "without a word", "for many years", "more than once", "and said nothing about it", "as nobody had before", "almost by accident",
        "in spite of the weather", "for a very good reason", "and smiled", "until it grew dark", "again and again", "with some difficulty", "to everyone's delight",
        "and thought of the sea", "as if it were a dream", "in the end", "at last", "in the first place", "once and for all",
    ];

    private static string[] Of(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
