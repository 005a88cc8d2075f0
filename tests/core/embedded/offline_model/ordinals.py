"""Questions on ordinal scales: those of the five sample briefs, and made-up ones on other subjects."""

from core.embedded import samples

Asked = tuple[str, tuple[str, ...]]

AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
INTENT = ("Definitely would not", "Probably would not", "Might or might not", "Probably would", "Definitely would")
LIKELY = ("Very unlikely", "Somewhat unlikely", "Neither likely nor unlikely", "Somewhat likely", "Very likely")
OFTEN = ("Never", "Rarely", "Sometimes", "Often", "Always")
RATES = ("Never", "A few times a year", "About once a month", "About once a week", "Several times a week", "Every day")
GRADES = ("Not at all {}", "Slightly {}", "Moderately {}", "Very {}", "Extremely {}")


def graded(word: str) -> tuple[str, ...]:
    """Return a unipolar scale of five degrees of a word."""
    return tuple(grade.format(word) for grade in GRADES)


def bipolar(low: str, high: str, middle: str) -> tuple[str, ...]:
    """Return a scale of five points from very low to very high."""
    return (f"Very {low}", f"Somewhat {low}", middle, f"Somewhat {high}", f"Very {high}")


SAMPLES: tuple[Asked, ...] = (
    *(
        (question["text"], tuple(question["options"]))
        for section in samples.ces_questionnaire()["sections"]
        for question in section["questions"]
    ),
    ("How likely are you to recommend your main bank to a friend or a colleague?", ()),
    ("How secure do you feel about your household's savings?", graded("secure")),
    ("How worried are you about the range of an electric car?", graded("worried")),
    ("Would you buy an electric car as your next car?", INTENT),
    ("Being able to charge at home matters more to me than range.", AGREE),
    ("How likely are you to recommend an electric car to a friend?", ()),
    ("How believable is the claim 'creamy without dairy'?", graded("believable")),
    ("Would you buy the oat yoghurt at 1.90 pounds for 400 g?", INTENT),
    ("How well does an oat yoghurt fit with a dairy brand?",
     ("Does not fit at all", "Fits slightly", "Fits moderately", "Fits very well", "Fits perfectly")),
    ("How likely are you to recommend the oat yoghurt to a friend?", ()),
    ("How satisfied were you with the online course?",
     bipolar("dissatisfied", "satisfied", "Neither satisfied nor dissatisfied")),
    ("The course fitted in well with my working hours.", AGREE),
    ("How easy or difficult is it to use our app?", bipolar("difficult", "easy", "Neither easy nor difficult")),
    ("How likely are you to pay for our app?", LIKELY),
    ("How likely are you to recommend our app to a colleague?", ()),
)  # fmt: skip

MADE_UP: tuple[Asked, ...] = (
    ("How often do you eat yoghurt at breakfast?", RATES),
    ("How often do you borrow books from the library?", OFTEN),
    ("How satisfied are you with the cleanliness of the trains?",
     bipolar("dissatisfied", "satisfied", "Neither satisfied nor dissatisfied")),
    ("To what extent do you support or oppose a ban on fireworks?",
     ("Strongly oppose", "Oppose", "Neither support nor oppose", "Support", "Strongly support")),
    ("School uniforms make children feel equal.", AGREE),
    ("How would you rate the care at your local hospital?", ("Very poor", "Poor", "Fair", "Good", "Excellent")),
    ("How important is it to you that clothes are made locally?", graded("important")),
    ("How concerned are you about noise from the airport?", graded("concerned")),
    ("Compared with five years ago, has your neighbourhood become safer or less safe?",
     ("Much less safe", "Somewhat less safe", "About the same", "Somewhat safer", "Much safer")),
    ("How likely are you to travel abroad in the next year?", LIKELY),
    ("How much do you trust the local council?", ("Not at all", "A little", "Somewhat", "Quite a lot", "Completely")),
    ("Over the past year, has the quality of the tap water got better or worse?",
     ("Much worse", "A little worse", "Stayed the same", "A little better", "Much better")),
    ("Would you switch to a four-day week with the same pay?", INTENT),
    ("How interested are you in a language course for beginners?",
     ("Not at all interested", "Slightly interested", "Moderately interested", "Very interested")),
    ("How clear was the letter about your pension?", graded("clear")),
    ("How often do you speak with your neighbours?",
     ("Never", "Less than once a month", "Once or twice a month", "Once a week", "Several times a week", "Daily")),
    ("I would feel safe in a bus without a driver.",
     ("Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Strongly disagree")),
    ("How attractive is the design of the new bottle?", ("Very unattractive", "Unattractive", "Neutral", "Attractive",
     "Very attractive")),
    ("How confident are you in the weather forecast?",
     ("Not confident at all", "Not very confident", "Somewhat confident", "Very confident")),
    ("How likely are you to recommend your gym to a friend?", ()),
    ("In politics, where would you place yourself?",
     ("Very left-wing", "Left-wing", "In the centre", "Right-wing", "Very right-wing")),
    ("How sweet is the new lemonade?",
     ("Not nearly sweet enough", "Not quite sweet enough", "Just about right", "A bit too sweet", "Much too sweet")),
)  # fmt: skip
