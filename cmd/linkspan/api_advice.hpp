#pragma once
#include <string>
#include <string_view>

namespace linkspan
{

// A fault though all was read: the Date of Bitbucket's answers is not believed (date_lead_max).
inline constexpr std::string_view odd_clock_fault = "odd_clock";
// The budget has no room for all that has to be asked.
inline constexpr std::string_view budget_fault = "budget";

// What a person does about a fault of a question to Bitbucket's API: one of bitbucket::name_of(),
// odd_clock_fault or budget_fault. link: its name or id. Empty where the fault is not known.
std::string advice_on(std::string_view fault, std::string const& link);

}  // namespace linkspan
