//! Statistics on measured and true landmarks, angles and grades.
