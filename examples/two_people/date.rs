//! Dates, as Trello writes them and as people read them. Gregorian, UTC.

use kanban_core::Timestamp;

/// Days from 1 March of year 0, where this calendar's eras begin, to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;
const SECONDS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The moment that `text` names, without its milliseconds: `2017-12-20T08:13:59.584Z`.
pub fn parse(text: &str) -> Option<Timestamp> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days_since_1970(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let minutes = number(11, 13)? * 60 + number(14, 16)?;
    Some(Timestamp::from_unix_seconds(days * SECONDS_PER_DAY + minutes * 60 + number(17, 19)?))
}

/// `20 Dec 2017`
pub fn day(moment: Timestamp) -> String {
    let (year, month, day) = civil(moment.unix_seconds().div_euclid(SECONDS_PER_DAY));
    let name = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index));
    format!("{day} {} {year}", name.unwrap_or(&"?"))
}

/// Years begin in March here, so that a leap day is the last day of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
        - DAYS_TO_1970
}

/// Year, month and day of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / (DAYS_PER_ERA - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year_of_era, if month < 10 { month + 3 } else { month - 9 });
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_the_log_is_the_second_it_names() {
        let moment = parse("2017-12-20T08:13:59.584Z").expect("a date");
        assert_eq!(moment.unix_seconds(), 1_513_757_639);
        assert_eq!(day(moment), "20 Dec 2017");
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn every_day_of_two_centuries_reads_back_as_it_was_written() {
        for days in -36_500..36_500 {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
        assert_eq!(days_since_1970(2000, 2, 29), 11_016);
        assert_eq!(civil(11_016), (2000, 2, 29));
    }
}
