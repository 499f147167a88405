"""What happens when: joins the logic, the network and Krita. Widgets call it and show what it says."""
