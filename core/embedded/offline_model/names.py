"""Pools of invented first and last names by country, background and gender."""

from dataclasses import dataclass

from core.embedded.offline_model.seeding import Draws


@dataclass(frozen=True, slots=True)
class Pool:
    """First names of women and of men, and last names."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    last: tuple[str, ...]


def _pool(female: str, male: str, last: str) -> Pool:
    return Pool(tuple(female.split()), tuple(male.split()), tuple(last.split()))


_US = {
    "white": _pool(
        "Amy Beth Carol Claire Colleen Dana Diane Emily Erin Gail Hannah Heather Holly Jill Joan"
        " Karen Kelsey Laura Lindsay Marcy Megan Molly Nora Paige Rachel Ruth Sarah Shelby Tess"
        " Wendy",
        "Aaron Alan Ben Brad Brian Caleb Cody Craig Dale Dennis Doug Eric Evan Gary Glenn Greg"
        " Jeff Joel Kyle Luke Mark Nate Neil Owen Paul Ray Roger Scott Todd Wayne",
        "Anderson Baker Becker Bennett Brennan Carlson Clark Collins Cooper Dalton Doyle Fischer"
        " Foster Gallagher Hansen Hayes Hoffman Keller Lambert Larson McCoy Miller Novak Olson"
        " Parker Pruitt Quinn Reed Schmidt Sutton Thornton Walsh Weaver Whitaker",
    ),
    "black": _pool(
        "Alicia Aaliyah Brianna Charlene Denise Ebony Gloria Imani Jada Jasmine Kayla Keisha"
        " Latoya Loretta Monique Nia Patrice Renee Shanice Simone Tamika Tanya Vanessa Yolanda",
        "Andre Antoine Calvin Cedric Curtis Darius Darnell Isaiah Jalen Jamal Jerome Kendrick"
        " Lamar Leroy Malik Marcus Marvin Maurice Otis Reggie Terrance Tyrell Vernon Xavier",
        "Banks Booker Bradley Brooks Bryant Carter Coleman Dixon Franklin Gaines Grant Greene"
        " Harris Hawkins Jackson Jefferson Jenkins Joseph Marshall Mosley Randolph Robinson"
        " Sanders Simmons Washington Watkins Williams",
    ),
    "hispanic": _pool(
        "Adriana Alejandra Ana Camila Carmen Daniela Elena Gabriela Guadalupe Isabel Leticia"
        " Lucia Marisol Maribel Mariana Natalia Paola Rosa Sofia Teresa Valeria Veronica Ximena"
        " Yesenia",
        "Alejandro Andres Armando Carlos Cesar Diego Eduardo Emilio Enrique Felipe Gerardo Hector"
        " Ivan Javier Jorge Luis Manuel Mateo Miguel Rafael Ramon Ricardo Santiago Tomas",
        "Aguilar Alvarez Castillo Castro Cruz Delgado Diaz Flores Fuentes Garza Gutierrez Herrera"
        " Jimenez Lopez Maldonado Medina Mendoza Morales Navarro Ortiz Pacheco Ramirez Reyes Rios"
        " Salazar Santos Vargas Vega",
    ),
    "asian": _pool(
        "Amy Anh Christine Grace Hana Hye-jin Jenny Joy Kavita Linh Mai Mei Michelle Nina Priya Rina Stephanie Thuy",
        "Albert Andy Brian Daniel David Derek Eugene Henry Jason Kenji Kevin Minh Raj Ryan Sanjay Steven Tuan Vincent",
        "Chang Chen Cho Choi Das Dang Gupta Ho Huang Kim Lam Lee Liu Nakamura Ngo Nguyen Park"
        " Patel Reyes Santos Shah Tanaka Tran Wong Yamada Zhang",
    ),
}
_US["other"] = _pool(
    "Aiyana Alana Amira Dina Kaila Layla Leilani Maya Nadia Noor Sasha Talia Tiana Winona Yara Zara",
    "Adam Amir Dakota Eli Elias Kai Keanu Malachi Nasir Omar River Sami Tariq Tate Zane Zayn",
    "Ahmadi Begay Costa Farah Haddad Hassan Kahale Keawe Khalil Mansour Nasser Petrov Redhouse Rossi Silva",
)
_INDIA = _pool(
    "Aditi Ananya Anjali Asha Bhavna Deepa Divya Farah Gayatri Indira Ishita Jyoti Kavya Lakshmi"
    " Lata Meera Megha Nandini Neha Nisha Pooja Priya Radha Rekha Ritu Sana Shreya Smita Sunita"
    " Swati Tara Vidya",
    "Aditya Ajay Akash Amit Anand Arjun Ashok Dev Farhan Ganesh Harish Imran Kiran Kunal Manoj"
    " Mohan Naveen Nikhil Pranav Rahul Rajesh Ravi Rohan Sameer Sanjay Shyam Siddharth Suresh"
    " Tarun Varun Vijay Vikram",
    "Agarwal Bhat Bose Chatterjee Deshpande Fernandes Ghosh Gowda Hegde Iyer Iyengar Jain Joshi"
    " Kapoor Khan Kulkarni Kumar Menon Mishra Murthy Nair Naidu Patil Pillai Rao Reddy Saxena"
    " Shaikh Sharma Shetty Singh Verma",
)
_UK = {
    "white": _pool(
        "Abigail Alice Amelia Bethan Catriona Charlotte Deborah Eilidh Eleanor Fiona Gemma"
        " Georgia Harriet Helen Imogen Isla Jean Kirsty Lorna Lucy Margaret Moira Nicola Olivia"
        " Pippa Rhiannon Sian Susan Tracey Zoe",
        "Adam Alistair Andrew Callum Colin Craig Daniel Dylan Edward Euan Gareth George Graham"
        " Hamish Harry Huw Ian Jack Keith Lewis Malcolm Nigel Oliver Peter Rhys Rory Simon Stuart"
        " Toby Trevor",
        "Ashworth Barker Bevan Brown Campbell Clarke Cooke Davies Edwards Evans Fletcher Fraser"
        " Griffiths Hargreaves Holt Hughes Jones MacDonald Marsh Mills Morgan Murray Owen Palmer"
        " Pritchard Robertson Shaw Stewart Taylor Thorpe Turner Walker Whitfield Wilson Wright",
    ),
    "asian": _pool(
        "Aisha Amina Anita Fatima Harpreet Leena Manisha Mei Nadia Nazia Parveen Saira Samina Shabnam Sonal Yasmin",
        "Ali Amar Asif Bilal Gurpreet Hamza Imran Jaspal Kamran Nadeem Rajan Rizwan Sunil Tariq Usman Zahid",
        "Ahmed Akhtar Begum Bhatt Chaudhry Dhillon Gill Hussain Iqbal Kaur Khan Mahmood Malik Patel Rahman Shah Sidhu",
    ),
    "black": _pool(
        "Abena Adaeze Bola Chantelle Comfort Efua Folake Grace Jade Marcia Ngozi Patience Shanelle Temi Yewande",
        "Ade Chidi Clive Curtis Dele Emmanuel Femi Jermaine Kofi Kwame Leon Marlon Nathan Samuel Tunde Winston",
        "Adeyemi Agyeman Asante Bailey Campbell Clarke Eze Francis Gordon Mensah Morrison Okafor Okoro Osei Owusu Reid",
    ),
}
_ANYWHERE = _pool(
    "Ada Alma Anna Carla Clara Dalia Elif Elsa Eva Helena Ines Irina Julia Katya Lena Lina Lucia"
    " Maria Marta Mila Mina Nadia Nina Olga Rosa Sara Sofia Vera",
    "Adam Alex Anton Bruno Carlos David Elias Emil Felix Hugo Ivan Jan Jonas Karim Leo Luca Marc"
    " Marco Mateo Milan Nico Oscar Pablo Rafael Samir Stefan Viktor Yusuf",
    "Almeida Andersson Berg Bianchi Costa Demir Dubois Fischer Garcia Haas Ivanov Jansen Keller"
    " Kovacs Lambert Laurent Lindgren Lopez Martin Moreau Muller Nielsen Novak Oliveira Petrov"
    " Rossi Santos Silva Tanaka Weber Yilmaz",
)


_GERMANY = _pool(
    "Anja Annika Birgit Carina Christa Dagmar Elke Franziska Gisela Heike Ingrid Jana Katharina Kerstin Lena Marie"
    " Martina Monika Nele Petra Sabine Silke Sophie Stefanie Susanne Tanja Ulrike Ute",
    "Andreas Bernd Christian Dieter Florian Frank Hannes Holger Jens Jonas Jürgen Kai Klaus Lars Lukas Markus Matthias"
    " Moritz Niklas Oliver Rainer Ralf Sebastian Stefan Sven Thomas Tobias Uwe",
    "Bauer Becker Berger Braun Fischer Frank Fuchs Hartmann Hoffmann Huber Keller Klein Koch König Krause Krüger"
    " Lange Lehmann Maier Meyer Möller Müller Neumann Richter Schäfer Schmidt Schneider Schröder Schulz Vogel Wagner"
    " Weber Winkler Wolf Yilmaz Zimmermann",
)
_FRANCE = _pool(
    "Amélie Anne Camille Caroline Céline Chloé Claire Élodie Émilie Hélène Inès Isabelle Julie Laure Léa Lucie Manon"
    " Margaux Marion Mathilde Nathalie Pauline Sophie Sylvie Valérie Virginie",
    "Adrien Alain Antoine Arnaud Baptiste Bruno Christophe Clément Denis Étienne Fabien François Guillaume Hugo"
    " Julien Laurent Luc Mathieu Maxime Nicolas Olivier Philippe Quentin Romain Sébastien Thierry",
    "Bernard Bertrand Blanc Bonnet Boyer Chevalier Clément Dubois Dupont Durand Faure Fontaine Fournier Garnier Girard"
    " Lambert Laurent Lefebvre Leroy Martin Mercier Moreau Morel Petit Renard Robert Rousseau Roux Simon Vincent",
)
_SPAIN = _pool(
    "Alba Ana Beatriz Carmen Cristina Elena Inés Irene Laura Lucía Marina Marta Mercedes Nuria Paula Pilar Raquel Rosa"
    " Sara Silvia Teresa",
    "Alberto Álvaro Andrés Antonio Carlos Daniel David Diego Enrique Fernando Ignacio Javier Jorge José Luis Manuel"
    " Marcos Pablo Raúl Rubén Sergio",
    "Alonso Álvarez Blanco Castro Díaz Domínguez Fernández García Gil Gómez González Hernández Jiménez López Martín"
    " Martínez Moreno Muñoz Navarro Ortega Pérez Ramos Romero Ruiz Sánchez Serrano Torres Vázquez",
)
_ITALY = _pool(
    "Alessia Anna Beatrice Chiara Cristina Elena Elisa Federica Francesca Giorgia Giulia Laura Lucia Marta Martina"
    " Monica Paola Roberta Sara Silvia Simona Valentina",
    "Alessandro Andrea Antonio Claudio Daniele Davide Fabio Federico Filippo Giacomo Giorgio Giovanni Lorenzo Luca"
    " Marco Matteo Paolo Pietro Roberto Simone Stefano Tommaso",
    "Barbieri Bianchi Bruno Caruso Colombo Conti Costa De-Luca Esposito Ferrari Fontana Galli Gallo Giordano Greco"
    " Leone Lombardi Mancini Marino Moretti Ricci Rinaldi Rizzo Romano Rossi Russo Santoro Villa",
)
_ELSEWHERE = {"germany": _GERMANY, "austria": _GERMANY, "france": _FRANCE, "spain": _SPAIN, "italy": _ITALY}


def pool_for(country: str, background: str) -> Pool:
    """Return the names that fit a country and, where it has several pools, a background such as race."""
    land = country.lower()
    if land == "india":
        return _INDIA
    pools = _UK if land in {"united kingdom", "uk", "great britain", "australia", "canada"} else None
    if land in {"united states", "usa", "us", "united states of america"}:
        pools = _US
    if pools is None:
        return _ELSEWHERE.get(land, _ANYWHERE)
    found = background.lower()
    for word, name in (
        ("black", "black"), ("afric", "black"), ("hispanic", "hispanic"), ("latin", "hispanic"), ("asian",
        "asian"),
        ("other", "other"), ("mixed", "other"), ("native", "other"), ("middle", "other"),
    ):  # fmt: skip
        if word in found:
            return pools.get(name, pools["white"])
    return pools["white"]


def choose(country: str, background: str, gender: str, avoid: set[str], draws: Draws) -> str:
    """Return a full name that is none of `avoid` (lower case); first names already taken come last."""
    pool = pool_for(country, background)
    firsts = pool.female if gender == "female" else pool.male if gender == "male" else pool.female + pool.male
    taken = {name.split(" ")[0] for name in avoid}
    ordered = draws.sample(firsts, len(firsts))
    ordered.sort(key=lambda first: first.lower() in taken)
    lasts = draws.sample(pool.last, len(pool.last))
    for first in ordered:
        for last in lasts:
            if f"{first} {last}".lower() not in avoid:
                return f"{first} {last}"
    return f"{ordered[0]} {draws.pick(lasts)}-{draws.pick(lasts)}"
